// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// What Exact makes of inputs that are degenerate, and which it refuses.
#include <spade/pruners/exact.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

#include <spade/core/error.hpp>
#include <spade/pruners/damping.hpp>
#include <spade/pruners/forward_backward.hpp>

#include "pruners/problems.hpp"

using namespace spade::tests;
using spade::LayerProblem;
using spade::TensorView;
using spade::pruners::default_damping;
using spade::pruners::Exact;

TEST_CASE("exact gives the weight itself at 0 and nothing but zeros at 1", "[pruners][exact]") {
  const auto problem = random_problem<float>(2, 3, 4, 1);
  const auto same = Exact().prune(problem, 0.0);
  CHECK(same.weight.data<float>() == problem.weight.data<float>());
  CHECK(same.report.relative_error == 0.0);
  const auto none = Exact().prune(problem, 1.0);
  CHECK(zeros(none.weight) == 24);
  CHECK(none.report.relative_error == 1.0);
  CHECK(Exact().prune(problem, 0.01).weight.to_vector<float>() == problem.weight.to_vector<float>());
}

TEST_CASE("exact takes a single weight, row or column", "[pruners][exact]") {
  const auto single = random_problem<double>(1, 1, 1, 2);
  CHECK(zeros(Exact().prune(single, 0.4).weight) == 0);
  CHECK(zeros(Exact().prune(single, 0.6).weight) == 1);
  // One column: the smallest weights go, the others stay.
  const auto column = random_problem<double>(1, 9, 1, 3);
  const Dense pruned = matrix(Exact().prune(column, 5.0 / 9).weight[0]);
  const Dense given = matrix(column.weight[0]);
  std::vector<double> sizes;
  for (Eigen::Index r = 0; r < 9; ++r)
    sizes.push_back(std::abs(given(r, 0)));
  std::sort(sizes.begin(), sizes.end());
  for (Eigen::Index r = 0; r < 9; ++r) {
    if (std::abs(given(r, 0)) <= sizes[4]) {
      CHECK(pruned(r, 0) == 0.0);
    } else {
      CHECK(pruned(r, 0) == Approx(given(r, 0)));
    }
  }
}

TEST_CASE("exact removes dead columns first, and the others do not notice", "[pruners][exact]") {
  const auto whole = random_problem<double>(1, 10, 12, 4);
  Dense gram = matrix(whole.gram[0]);
  make_dead(gram, {3, 7});
  const auto problem = with_gram(whole, gram);
  const auto elimination = Exact().eliminate(problem);
  const Dense pruned = matrix(elimination.solution(0.5).weight[0]);
  CHECK(zeros(elimination.solution(0.5).weight) == 60);
  CHECK(pruned.col(3).isZero(0));
  CHECK(pruned.col(7).isZero(0));
  CHECK(elimination.removals(0, 4)[0].column == 3);
  CHECK(elimination.removals(0, 4)[1].column == 7);
  CHECK(elimination.removals(0, 4).size() == 12);
  const std::vector<Eigen::Index> live{0, 1, 2, 4, 5, 6, 8, 9, 10, 11};
  auto alone = whole;
  alone.weight = tensor<double>({Dense(matrix(whole.weight[0])(Eigen::all, live))});
  alone.gram = tensor<double>({Dense(gram(live, live))});
  CHECK(matrix(Exact().prune(alone, 0.4).weight[0]) == pruned(Eigen::all, live));
  // Fewer than there are dead weights: the smallest of them, and nothing else.
  const auto few = elimination.solution(5.0 / 120);
  CHECK(zeros(few.weight) == 5);
  CHECK(few.report.relative_error == 0.0);
  CHECK(matrix(few.weight[0])(Eigen::all, live) == matrix(whole.weight[0])(Eigen::all, live));
}

TEST_CASE("without any samples exact is magnitude pruning", "[pruners][exact]") {
  auto problem = with_gram(random_problem<float>(1, 4, 5, 5), Dense::Zero(5, 5));
  problem.samples = problem.positions = 0;
  const Dense given = matrix(problem.weight[0]);
  const auto solution = Exact().prune(problem, 0.5);
  std::vector<double> sizes(given.data(), given.data() + 20);
  for (auto& size : sizes)
    size = std::abs(size);
  std::sort(sizes.begin(), sizes.end());
  const Dense pruned = matrix(solution.weight[0]);
  for (Eigen::Index i = 0; i < 20; ++i)
    CHECK(pruned.data()[i] == (std::abs(given.data()[i]) <= sizes[9] ? 0.0 : given.data()[i]));
  CHECK(solution.report.relative_error == 0.0);
}

TEST_CASE("the damping that is not given follows the number of positions", "[pruners][exact]") {
  CHECK(default_damping(0, 100) == 1e-2); // unknown
  CHECK(default_damping(200, 100) == 1e-2);
  CHECK(default_damping(199, 100) == 3e-2);
  CHECK(default_damping(100, 100) == 3e-2);
  CHECK(default_damping(99, 100) == 1e-1);
  auto problem = with_gram(random_problem<float>(1, 5, 40, 6), relu_gram(40, 11, 9));
  problem.positions = 11;
  const auto solution = Exact().prune(problem, 0.5);
  CHECK(solution.report.damping == 1e-1);
  CHECK(zeros(solution.weight) == 100);
}

TEST_CASE("exact raises a damping that is too small, and says so", "[pruners][exact]") {
  const auto problem = with_gram(random_problem<double>(1, 5, 40, 6), relu_gram(40, 11, 9));
  Exact::Options options;
  options.damping = 0.0;
  CHECK(Exact(options).prune(problem, 0.5).report.damping == 1e-4);
  Dense indefinite = Dense::Identity(40, 40);
  indefinite(3, 4) = indefinite(4, 3) = 1.02;
  CHECK(Exact().prune(with_gram(problem, indefinite), 0.5).report.damping == Approx(0.1));
  indefinite(3, 4) = indefinite(4, 3) = -200.0;
  CHECK_THROWS_AS(Exact().prune(with_gram(problem, indefinite), 0.5), spade::NumericalError);
  CHECK_THROWS_WITH(
      Exact().prune(with_gram(problem, indefinite), 0.5),
      "Exact: the Gram matrix of layer 'layer', group 0, is not positive definite even with 100 of "
      "its mean diagonal added (it fails at column 3); gather it from more samples, or give more damping");
}

TEST_CASE("exact raises a damping that suffices in double only", "[pruners][exact]") {
  // Eigenvalues from 1 down to 1e-10.
  constexpr Eigen::Index n = 200;
  const Eigen::HouseholderQR<Dense> qr(random_dense(n, n, 4));
  const Dense q = qr.householderQ();
  const Dense spectrum =
      Eigen::ArrayXd::LinSpaced(n, 0, -10).unaryExpr([](double e) { return std::pow(10, e); });
  const Dense h = q * spectrum.col(0).asDiagonal() * q.transpose();
  const auto problem = with_gram(random_problem<float>(1, 16, n, 6), (h + h.transpose()) / 2);
  Exact::Options options;
  options.damping = 1e-8;
  options.in_double = true;
  CHECK(Exact(options).prune(problem, 0.5).report.damping == 1e-8);
  options.in_double = false;
  const auto solution = Exact(options).prune(problem, 0.5);
  CHECK(solution.report.damping > 1e-8);
  CHECK(solution.report.damping <= Approx(1e-4));
  CHECK(zeros(solution.weight) == 1600);
  const double output = layer_error(problem, Exact().prune(problem, 1.0).weight);
  CHECK(solution.report.relative_error == Approx(layer_error(problem, solution.weight) / output));
  // So does forward_backward, where rows take in all variables, and where they do not.
  spade::pruners::ForwardBackward::Options forward;
  forward.damping = 1e-8;
  for (const double sparsity : {0.8, 0.9}) {
    const auto other = spade::pruners::ForwardBackward(forward).prune(problem, sparsity);
    CAPTURE(sparsity, other.report.damping);
    CHECK(zeros(other.weight) == std::llround(3200 * sparsity));
    CHECK(other.report.relative_error == Approx(layer_error(problem, other.weight) / output));
  }
}

TEST_CASE("a Gram matrix in denormals is pruned as any other", "[pruners][exact]") {
  const auto problem = random_problem<double>(1, 5, 8, 6);
  const auto expected = Exact().prune(problem, 0.5);
  const auto tiny = Exact().prune(with_gram(problem, 0x1p-1030 * matrix(problem.gram[0])), 0.5);
  CHECK((matrix(tiny.weight[0]) - matrix(expected.weight[0])).norm() < 1e-8);
  CHECK(tiny.report.damping == expected.report.damping);
}

TEST_CASE("exact refuses what it cannot prune", "[pruners][exact]") {
  const auto problem = random_problem<float>(1, 3, 5, 7);
  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    auto weights = problem.weight.to_vector<float>();
    weights[7] = static_cast<float>(bad);
    auto broken = problem;
    broken.weight = TensorView::owning(weights, Extents{1, 3, 5});
    CHECK_THROWS_AS(Exact().prune(broken, 0.5), spade::NumericalError);
    CHECK_THROWS_WITH(Exact().prune(broken, 0.5), Catch::StartsWith("Exact: weight [0, 1, 2] of layer"));
    Dense gram = matrix(problem.gram[0]);
    gram(2, 1) = gram(1, 2) = bad;
    CHECK_THROWS_AS(Exact().prune(with_gram(problem, gram), 0.5), spade::NumericalError);
    CHECK_THROWS_WITH(Exact().prune(with_gram(problem, gram), 0.5),
                      Catch::Contains("is not finite: H[2, 1]"));
  }
  Dense gram = matrix(problem.gram[0]);
  gram(4, 1) += 1.0;
  CHECK_THROWS_AS(Exact().prune(with_gram(problem, gram), 0.5), spade::InvalidArgument);
  CHECK_THROWS_WITH(Exact().prune(with_gram(problem, gram), 0.5), Catch::Contains("is not symmetric"));
  CHECK_THROWS_AS(Exact().prune(with_gram(problem, Dense::Identity(4, 4)), 0.5), spade::ShapeMismatch);
  auto empty = problem;
  empty.gram = {};
  CHECK_THROWS_WITH(Exact().prune(empty, 0.5),
                    "Exact: layer 'layer' comes without a Gram matrix; gather Statistics::Full");
  CHECK_THROWS_WITH(Exact().prune(problem, 1.01), "Exact: sparsity 1.01 for layer 'layer' is outside [0, 1]");
  const auto elimination = Exact().eliminate(problem);
  CHECK_THROWS_WITH(elimination.solution(-0.5),
                    "Elimination: sparsity -0.5 for layer 'layer' is outside [0, 1]");
  CHECK_THROWS_AS(elimination.removals(0, 3), spade::InvalidArgument);
  CHECK_THROWS_WITH(elimination.removals(0, 3),
                    "Elimination: layer 'layer' has no row 3 in group 0; it has 1 groups of 3");
  Exact::Options options;
  options.damping = -1.0;
  CHECK_THROWS_AS(Exact(options), spade::InvalidArgument);
  CHECK_THROWS_WITH(Exact(options),
                    "Exact: damping -1 is not a fraction of the mean diagonal; 0.01 is usual");
}

TEST_CASE("exact reads strided and mixed views where they lie", "[pruners][exact]") {
  const auto problem = random_problem<float>(1, 7, 9, 8);
  const auto expected = Exact().prune(problem, 0.5).weight.to_vector<float>();
  const auto transposed = tensor<float>({Dense(matrix(problem.weight[0]).transpose())});
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
  CHECK(Exact().prune(strided, 0.5).weight.to_vector<float>() == expected);
  CHECK(gaps == before);
}
