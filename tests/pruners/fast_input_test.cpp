// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// What Fast makes of inputs that are degenerate, and which it refuses.
#include <spade/pruners/fast.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

#include <spade/core/error.hpp>

#include "pruners/problems.hpp"
#include "pruners/sparsegpt_twin.hpp"

using namespace spade::tests;
using spade::LayerProblem;
using spade::TensorView;
using spade::pruners::Fast;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

} // namespace

TEST_CASE("sparsity 0 gives the weight itself, sparsity 1 nothing but zeros", "[pruners][fast]") {
  const auto problem = random_problem<float>(2, 3, 4, 1);
  const auto same = Fast().prune(problem, 0.0);
  CHECK(same.weight.data<float>() == problem.weight.data<float>());
  CHECK(same.report.relative_error == 0.0);
  const auto none = Fast().prune(problem, 1.0);
  CHECK(zeros(none.weight) == 24);
  CHECK(none.report.sparsity == 1.0);
  CHECK(none.report.relative_error == 1.0);
  // Nothing is lost where there was nothing, whatever dead columns hold.
  auto nothing = with_gram(random_problem<float>(1, 2, 2, 1), Dense{{1.0, 0.0}, {0.0, 0.0}});
  nothing.weight = tensor<float>({Dense{{0.0, 3.0}, {0.0, 4.0}}});
  for (const double sparsity : {0.0, 0.5, 0.75, 1.0})
    CHECK(Fast().prune(nothing, sparsity).report.relative_error == 0.0);
}

TEST_CASE("a sparsity that rounds to no weight changes none", "[pruners][fast]") {
  const auto problem = random_problem<float>(1, 3, 4, 1);
  CHECK(Fast().prune(problem, 0.01).weight.to_vector<float>() == problem.weight.to_vector<float>());
}

TEST_CASE("dead columns go first, and the others do not notice them", "[pruners][fast]") {
  const auto whole = random_problem<double>(1, 10, 12, 2);
  Dense gram = matrix(whole.gram[0]);
  make_dead(gram, {3, 7});
  const auto problem = with_gram(whole, gram);
  const auto solution = Fast().prune(problem, 0.5);
  const Dense pruned = matrix(solution.weight[0]);
  CHECK(zeros(solution.weight) == 60);
  CHECK(pruned.col(3).isZero(0));
  CHECK(pruned.col(7).isZero(0));
  // The rest is the problem without these columns, which has 40 of 100 weights to lose.
  std::vector<Eigen::Index> live{0, 1, 2, 4, 5, 6, 8, 9, 10, 11};
  auto alone = whole;
  alone.weight = tensor<double>({Dense(matrix(whole.weight[0])(Eigen::all, live))});
  alone.gram = tensor<double>({Dense(gram(live, live))});
  CHECK(matrix(Fast().prune(alone, 0.4).weight[0]) == pruned(Eigen::all, live));
}

TEST_CASE("where dead columns alone are more than asked for, the smallest of their weights go",
          "[pruners][fast]") {
  auto problem = random_problem<float>(1, 4, 5, 3);
  Dense gram = matrix(problem.gram[0]);
  make_dead(gram, {2});
  problem = with_gram(problem, gram);
  const Dense given = matrix(problem.weight[0]);
  const auto solution = Fast().prune(problem, 0.1);
  const Dense pruned = matrix(solution.weight[0]);
  CHECK(zeros(solution.weight) == 2);
  CHECK(solution.report.relative_error == 0.0);
  std::vector<double> sizes;
  for (int r = 0; r < 4; ++r)
    sizes.push_back(std::abs(given(r, 2)));
  std::sort(sizes.begin(), sizes.end());
  for (int r = 0; r < 4; ++r)
    CHECK((pruned(r, 2) == 0.0) == (std::abs(given(r, 2)) <= sizes[1]));
}

TEST_CASE("fast with N:M removes dead columns first in each stretch", "[pruners][fast]") {
  const auto whole = random_problem<double>(1, 4, 8, 13);
  Dense gram = matrix(whole.gram[0]);
  make_dead(gram, {0, 1, 3, 6}); // three of the first four, one of the others
  Fast::Options options;
  options.pattern = spade::pruners::Pattern::zeros_of(2, 4);
  const Dense pruned = matrix(Fast(options).prune(with_gram(whole, gram), 0.5).weight[0]);
  const Dense given = matrix(whole.weight[0]);
  for (Eigen::Index r = 0; r < 4; ++r) {
    CHECK((pruned.row(r).head(4).array() == 0.0).count() == 2);
    CHECK((pruned.row(r).tail(4).array() == 0.0).count() == 2);
    CHECK(pruned(r, 2) != 0.0);
    CHECK(pruned(r, 6) == 0.0);
    double largest_gone = 0;
    double kept = 1e9;
    for (const int dead : {0, 1, 3}) {
      if (pruned(r, dead) == 0.0) {
        largest_gone = std::max(largest_gone, std::abs(given(r, dead)));
      } else {
        kept = std::abs(given(r, dead));
        CHECK(pruned(r, dead) == given(r, dead));
      }
    }
    CHECK(largest_gone < kept);
  }
}

TEST_CASE("dead columns of several groups go first", "[pruners][fast]") {
  auto problem = random_problem<double>(3, 4, 8, 14);
  Dense some = matrix(problem.gram[1]);
  make_dead(some, {2, 5});
  problem.gram = tensor<double>({matrix(problem.gram[0]), some, Dense::Zero(8, 8)});
  const auto given = problem.weight.to_vector<double>();
  std::vector<double> sizes; // of the 40 dead weights
  const auto is_dead = [](std::size_t i) { return i >= 64 || (i >= 32 && (i % 8 == 2 || i % 8 == 5)); };
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (is_dead(i)) sizes.push_back(std::abs(given[i]));
  }
  std::sort(sizes.begin(), sizes.end());
  const auto few = Fast().prune(problem, 0.25).weight.to_vector<double>();
  for (std::size_t i = 0; i < given.size(); ++i)
    CHECK(few[i] == (is_dead(i) && std::abs(given[i]) <= sizes[23] ? 0.0 : given[i]));
  const auto many = Fast().prune(problem, 0.75);
  CHECK(zeros(many.weight) == 72);
  const auto left = many.weight.to_vector<double>();
  for (std::size_t i = 0; i < given.size(); ++i)
    CHECK((!is_dead(i) || left[i] == 0.0));
  Fast::Options options;
  options.pattern = spade::pruners::Pattern::zeros_of(2, 4);
  const auto pattern = Fast(options).prune(problem, 0.5).weight.to_vector<double>();
  for (auto first = pattern.begin(); first != pattern.end(); first += 4)
    CHECK(std::count(first, first + 4, 0.0) == 2);
}

TEST_CASE("without any samples it is magnitude pruning", "[pruners][fast]") {
  auto problem = with_gram(random_problem<float>(1, 4, 5, 4), Dense::Zero(5, 5));
  problem.samples = 0;
  problem.positions = 0;
  const Dense given = matrix(problem.weight[0]);
  const auto solution = Fast().prune(problem, 0.5);
  const Dense pruned = matrix(solution.weight[0]);
  std::vector<double> sizes(given.data(), given.data() + 20);
  for (auto& size : sizes)
    size = std::abs(size);
  std::sort(sizes.begin(), sizes.end());
  for (Eigen::Index i = 0; i < 20; ++i) {
    CHECK(pruned.data()[i] == (std::abs(given.data()[i]) <= sizes[9] ? 0.0 : given.data()[i]));
  }
  CHECK(solution.report.relative_error == 0.0);
}

TEST_CASE("reference mode takes dead columns as the published solver does", "[pruners][fast]") {
  const auto whole = random_problem<double>(1, 10, 12, 5);
  Dense gram = matrix(whole.gram[0]);
  make_dead(gram, {4});
  const auto problem = with_gram(whole, gram);
  Fast::Options options;
  options.reference = true;
  options.mask_block = 5;
  const auto solution = Fast(options).prune(problem, 0.5);
  const auto twin = sparsegpt_twin(matrix(problem.weight[0]), gram, 1e-2, 5, {true, 0.5, 0});
  CHECK((matrix(solution.weight[0]) - twin).norm() < 1e-10 * twin.norm());
}

TEST_CASE("fewer positions than columns are made up for by damping", "[pruners][fast]") {
  auto problem = random_problem<float>(1, 20, 80, 6);
  problem.gram = tensor<float>({relu_gram(80, 11, 9)});
  problem.positions = 11;
  const auto solution = Fast().prune(problem, 0.5);
  CHECK(solution.report.damping == 1e-1);
  CHECK(zeros(solution.weight) == 800);
  CHECK(layer_error(problem, solution.weight) <
        0.1 * layer_error(problem, Fast().prune(problem, 1.0).weight));
}

TEST_CASE("damping is raised where the matrix needs it, and reported", "[pruners][fast]") {
  auto problem = random_problem<double>(1, 20, 80, 6);
  const Dense singular = relu_gram(80, 11, 9);
  Fast::Options options;
  options.damping = 0.0;
  problem.gram = tensor<double>({singular});
  CHECK(Fast(options).prune(problem, 0.5).report.damping == 1e-4);
  // One slightly negative eigenvalue: -0.02 of the mean diagonal needs more than 0.02.
  Dense indefinite = Dense::Identity(80, 80);
  indefinite(3, 4) = indefinite(4, 3) = 1.02;
  problem.gram = tensor<double>({indefinite});
  CHECK(Fast().prune(problem, 0.5).report.damping == Approx(0.1));
  problem.gram = tensor<double>({relu_gram(80, 200, 9)});
  CHECK(Fast(options).prune(problem, 0.5).report.damping == 0.0);
}

TEST_CASE("a matrix that no damping mends is refused by name", "[pruners][fast]") {
  auto problem = random_problem<double>(1, 3, 6, 7);
  problem.name = "layer4.0.conv1";
  Dense gram = Dense::Identity(6, 6);
  gram(1, 2) = gram(2, 1) = -200.0;
  problem.gram = tensor<double>({gram});
  CHECK_THROWS_AS(Fast().prune(problem, 0.5), spade::NumericalError);
  CHECK_THROWS_WITH(
      Fast().prune(problem, 0.5),
      "Fast: the Gram matrix of layer 'layer4.0.conv1', group 0, is not positive definite even with 100 of "
      "its mean diagonal added (it fails at column 1); gather it from more samples, or give more damping");
}

TEST_CASE("NaN and infinity are found and named", "[pruners][fast]") {
  const auto problem = random_problem<float>(2, 3, 5, 8);
  for (const double bad : {std::nan(""), infinity, -infinity}) {
    auto weights = problem.weight.to_vector<float>();
    weights[15 + 7] = static_cast<float>(bad);
    auto broken = problem;
    broken.weight = TensorView::owning(weights, Extents{2, 3, 5});
    CHECK_THROWS_AS(Fast().prune(broken, 0.5), spade::NumericalError);
    CHECK_THROWS_WITH(Fast().prune(broken, 0.5),
                      Catch::StartsWith("Fast: weight [1, 1, 2] of layer 'layer' is "));

    auto gram = problem.gram.to_vector<float>();
    gram[25 + 13] = gram[25 + 17] = static_cast<float>(bad);
    broken = problem;
    broken.gram = TensorView::owning(gram, Extents{2, 5, 5});
    CHECK_THROWS_AS(Fast().prune(broken, 0.5), spade::NumericalError);
    CHECK_THROWS_WITH(
        Fast().prune(broken, 0.5),
        Catch::StartsWith("Fast: the Gram matrix of layer 'layer', group 1, is not finite: H[3, 2] is "));

    gram = problem.gram.to_vector<float>();
    gram[12] = static_cast<float>(bad);
    broken.gram = TensorView::owning(gram, Extents{2, 5, 5});
    CHECK_THROWS_AS(Fast().prune(broken, 0.5), spade::NumericalError);
    CHECK_THROWS_WITH(
        Fast().prune(broken, 0.5),
        Catch::StartsWith("Fast: element [2, 2] of the Gram matrix of layer 'layer', group 0, is "));
  }
}

TEST_CASE("a matrix that is not a Gram matrix is refused", "[pruners][fast]") {
  const auto problem = random_problem<double>(1, 3, 5, 9);
  Dense gram = matrix(problem.gram[0]);
  gram(4, 1) += 1.0;
  CHECK_THROWS_AS(Fast().prune(with_gram(problem, gram), 0.5), spade::InvalidArgument);
  CHECK_THROWS_WITH(
      Fast().prune(with_gram(problem, gram), 0.5),
      Catch::StartsWith("Fast: the Gram matrix of layer 'layer', group 0, is not symmetric: H[4, 1] is "));
  gram = matrix(problem.gram[0]);
  gram(2, 2) = -1.0;
  CHECK_THROWS_AS(Fast().prune(with_gram(problem, gram), 0.5), spade::NumericalError);
  CHECK_THROWS_WITH(
      Fast().prune(with_gram(problem, gram), 0.5),
      "Fast: element [2, 2] of the Gram matrix of layer 'layer', group 0, is -1; a sum of squares is not");
  gram = matrix(problem.gram[0]);
  gram(2, 2) = 0.0;
  CHECK_THROWS_AS(Fast().prune(with_gram(problem, gram), 0.5), spade::InvalidArgument);
  CHECK_THROWS_WITH(
      Fast().prune(with_gram(problem, gram), 0.5),
      Catch::StartsWith(
          "Fast: the Gram matrix of layer 'layer', group 0, is none: H[2, 2] is 0, but H[2, 0] is "));
  gram = Dense::Zero(5, 5);
  gram(3, 1) = gram(1, 3) = 5.0;
  CHECK_THROWS_WITH(
      Fast().prune(with_gram(problem, gram), 0.5),
      "Fast: the Gram matrix of layer 'layer', group 0, is none: H[1, 1] is 0, but H[1, 3] is 5");
  // What is too much among small columns may be rounding beside a large one.
  gram = matrix(problem.gram[0]);
  gram.row(0) *= 1e4;
  gram.col(0) *= 1e4;
  CHECK_NOTHROW(Fast().prune(with_gram(problem, gram), 0.5));
  gram(4, 0) += 5e-5 * std::sqrt(gram(0, 0) * gram(4, 4));
  CHECK_NOTHROW(Fast().prune(with_gram(problem, gram), 0.5));
  gram(4, 2) *= 1.01;
  CHECK_THROWS_WITH(
      Fast().prune(with_gram(problem, gram), 0.5),
      Catch::StartsWith("Fast: the Gram matrix of layer 'layer', group 0, is not symmetric: H[4, 2] is "));
}

TEST_CASE("shapes that do not go together are refused", "[pruners][fast]") {
  auto problem = random_problem<float>(1, 3, 5, 10);
  problem.gram = {};
  CHECK_THROWS_AS(Fast().prune(problem, 0.5), spade::InvalidArgument);
  CHECK_THROWS_WITH(Fast().prune(problem, 0.5),
                    "Fast: layer 'layer' comes without a Gram matrix; gather Statistics::Full");
  problem.gram = tensor<float>({Dense::Identity(4, 4)});
  CHECK_THROWS_AS(Fast().prune(problem, 0.5), spade::ShapeMismatch);
  CHECK_THROWS_WITH(Fast().prune(problem, 0.5), "Fast: the Gram matrix of layer 'layer' has shape [1, 4, 4]; "
                                                "its weight of shape [1, 3, 5] needs [1, 5, 5]");
  problem.weight = TensorView::owning(std::vector<float>{}, Extents{1, 0, 5});
  CHECK_THROWS_AS(Fast().prune(problem, 0.5), spade::ShapeMismatch);
}

TEST_CASE("numbers that no layer has are refused", "[pruners][fast]") {
  auto problem = random_problem<float>(1, 3, 6, 10);
  problem.columns_per_channel = 0;
  CHECK_THROWS_AS(Fast().prune(problem, 0.5), spade::InvalidArgument);
  CHECK_THROWS_WITH(
      Fast().prune(problem, 0.5),
      "Fast: layer 'layer' comes with 0 columns per channel; it is the number of kernel elements, 1 for "
      "linear layers");
  problem.columns_per_channel = 3;
  problem.positions = -5;
  CHECK_THROWS_AS(Fast().prune(problem, 0.5), spade::InvalidArgument);
  CHECK_THROWS_WITH(
      Fast().prune(problem, 0.5),
      "Fast: layer 'layer' comes with 1 samples and -5 positions; 0 means that the number is not "
      "known");
}

TEST_CASE("options and sparsities out of range are refused", "[pruners][fast]") {
  Fast::Options options;
  options.mask_block = -1;
  CHECK_THROWS_AS(Fast(options), spade::InvalidArgument);
  CHECK_THROWS_WITH(Fast(options), "Fast: mask_block -1 is negative; 0 means the layer's kernel elements");
  options = {};
  options.pattern = spade::pruners::Pattern::blocks(4);
  CHECK_THROWS_AS(Fast(options), spade::InvalidArgument);
  CHECK_THROWS_WITH(Fast(options), "Fast: blocks of 4 columns; only Exact removes blocks");
  options.pattern = spade::pruners::Pattern::zeros_of(2, 4);
  options.reference = true;
  CHECK_THROWS_WITH(Fast(options),
                    "Fast: reference is the published rule for any number of zeros; leave it off with N:M");
  options.reference = false;
  CHECK_THROWS_WITH(
      Fast(options).prune(random_problem<float>(1, 3, 6, 1), 0.5),
      "Fast: stretches of 4 columns do not divide the 6 columns of layer 'layer'; leave it dense, "
      "or take a divisor");
  CHECK_THROWS_WITH(
      Fast(options).prune(random_problem<float>(1, 3, 8, 1), 0.25),
      "Fast: sparsity 0.25 for layer 'layer', but 2 zeros of every 4 weights are 0.5; ask for that, "
      "or for 0 or 1");
  options = {};
  options.damping = -0.5;
  CHECK_THROWS_AS(Fast(options), spade::InvalidArgument);
  CHECK_THROWS_WITH(Fast(options),
                    "Fast: damping -0.5 is not a fraction of the mean diagonal; 0.01 is usual");
  options.damping = std::nan("");
  CHECK_THROWS_AS(Fast(options), spade::InvalidArgument);
  const auto problem = random_problem<float>(1, 3, 5, 10);
  for (const double sparsity : {-0.01, 1.01, infinity, std::nan("")}) {
    CHECK_THROWS_AS(Fast().prune(problem, sparsity), spade::InvalidArgument);
  }
  CHECK_THROWS_WITH(Fast().prune(problem, 1.01), "Fast: sparsity 1.01 for layer 'layer' is outside [0, 1]");
}

TEST_CASE("the unit of the weights changes no bit, only results over the largest float are refused",
          "[pruners][fast]") {
  const auto problem = random_problem<float>(2, 6, 20, 11, 5);
  const auto expected = Fast().prune(problem, 0.5);
  for (const float unit : {0x1p-110F, 0x1p-70F, 0x1p100F}) { // squares underflow, underflow, overflow
    auto scaled = problem;
    auto weights = problem.weight.to_vector<float>();
    for (float& weight : weights)
      weight *= unit;
    scaled.weight = TensorView::owning(weights, problem.weight.extents());
    const auto solution = Fast().prune(scaled, 0.5);
    auto pruned = solution.weight.to_vector<float>();
    for (float& weight : pruned)
      weight /= unit;
    CHECK(pruned == expected.weight.to_vector<float>());
    CHECK(solution.report.relative_error == expected.report.relative_error);
  }
  // Whichever of the two goes, the other takes nine tenths of it.
  LayerProblem large{.name = "layer", .weight = tensor<float>({Dense{{3e38, 2.9e38}}})};
  large.gram = tensor<double>({Dense{{1.0, 0.9}, {0.9, 1.0}}});
  Fast::Options options;
  options.mask_block = 2;
  CHECK_THROWS_AS(Fast(options).prune(large, 0.5), spade::NumericalError);
  CHECK_THROWS_WITH(Fast(options).prune(large, 0.5),
                    "Fast: the Gram matrix of layer 'layer', group 0: the pruned weights overflow; scale the "
                    "weights down");
}

TEST_CASE("strided and mixed views are read where they lie and not written", "[pruners][fast]") {
  const auto problem = random_problem<float>(1, 7, 9, 12);
  const auto expected = Fast().prune(problem, 0.5).weight.to_vector<float>();
  // The transposed weight, viewed the other way round; a double Gram matrix with gaps.
  const Dense turned = matrix(problem.weight[0]).transpose();
  const auto transposed = tensor<float>({turned});
  auto strided = problem;
  strided.weight = TensorView(transposed.data<float>(), Extents{1, 7, 9}, Extents{0, 1, 7});
  std::vector<double> gaps(9 * 20, 99.0);
  const Dense gram = matrix(problem.gram[0]);
  for (Eigen::Index i = 0; i < 9; ++i) {
    for (Eigen::Index j = 0; j < 9; ++j)
      gaps[static_cast<std::size_t>(20 * i + 2 * j)] = gram(i, j);
  }
  const auto before = gaps;
  strided.gram = TensorView(gaps.data(), Extents{1, 9, 9}, Extents{0, 20, 2});
  CHECK(Fast().prune(strided, 0.5).weight.to_vector<float>() == expected);
  CHECK(gaps == before);
}
