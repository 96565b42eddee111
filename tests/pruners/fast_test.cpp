// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Fast against its slow twins, and its properties. Bad input: fast_input_test.cpp.
#include <spade/pruners/fast.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>

#include <catch2/catch.hpp>

#include "linalg/every_level.hpp"
#include "pruners/problems.hpp"
#include "pruners/sparsegpt_twin.hpp"
#include "support/threads.hpp"

using namespace spade::tests;
using spade::LayerProblem;
using spade::pruners::Fast;

namespace {

// What is added by default where there are positions enough.
constexpr double damping = 1e-2;

struct Shape {
  std::int64_t rows;
  std::int64_t columns;
  std::int64_t block;
};

// 1, 2, primes, and one below and above: the sliver (6 to 48), the batch (32), the panel (128), their mask
// blocks, and what a factor has of one panel (512).
const Shape shapes[] = {{1, 1, 1},    {1, 2, 1},     {2, 1, 1},      {3, 7, 1},     {47, 31, 1},
                        {48, 32, 1},  {49, 33, 1},   {5, 127, 1},    {25, 129, 1},  {97, 63, 9},
                        {23, 126, 9}, {24, 135, 9},  {6, 129, 16},   {7, 260, 25},  {4, 257, 4},
                        {11, 90, 90}, {3, 150, 129}, {50, 300, 200}, {2, 390, 390}, {2, 520, 9}};

double relative(const Dense& a, const Dense& b) {
  return b.norm() == 0 ? a.norm() : (a - b).norm() / b.norm();
}

bool same_zeros(const Dense& a, const Dense& b) {
  return ((a.array() == 0.0) == (b.array() == 0.0)).all();
}

} // namespace

TEST_CASE("in double, reference mode is the published algorithm", "[pruners][fast]") {
  for (const auto& shape : shapes) {
    const auto problem = random_problem<double>(1, shape.rows, shape.columns, 77);
    for (const double sparsity : {0.1, 0.5, 0.9, 0.99}) {
      CAPTURE(shape.rows, shape.columns, shape.block, sparsity);
      Fast::Options options;
      options.reference = true;
      options.mask_block = shape.block;
      const auto solution = Fast(options).prune(problem, sparsity);
      const auto twin = sparsegpt_twin(matrix(problem.weight[0]), matrix(problem.gram[0]), damping,
                                       shape.block, {true, sparsity, 0});
      const auto pruned = matrix(solution.weight[0]);
      REQUIRE(same_zeros(pruned, twin));
      REQUIRE(relative(pruned, twin) < 1e-10);
    }
  }
}

TEST_CASE("with exact counts it is the same algorithm with another count", "[pruners][fast]") {
  for (const auto& shape : shapes) {
    if (shape.columns % shape.block != 0) continue; // the twin gives every block the same count
    const auto problem = random_problem<double>(1, shape.rows, shape.columns, 78);
    const std::int64_t weights = shape.rows * shape.block;
    for (const std::int64_t removed : {std::int64_t{1}, weights / 2, weights - 1}) {
      if (removed <= 0 || removed >= weights) continue;
      CAPTURE(shape.rows, shape.columns, shape.block, removed);
      Fast::Options options;
      options.mask_block = shape.block;
      const auto solution =
          Fast(options).prune(problem, static_cast<double>(removed) / static_cast<double>(weights));
      const auto twin = sparsegpt_twin(matrix(problem.weight[0]), matrix(problem.gram[0]), damping,
                                       shape.block, {false, 0, removed});
      REQUIRE(same_zeros(matrix(solution.weight[0]), twin));
      REQUIRE(relative(matrix(solution.weight[0]), twin) < 1e-10);
    }
  }
}

TEST_CASE("float keeps to the twin wherever costs are not nearly equal, on every instruction set",
          "[pruners][fast]") {
  for (const auto level : EveryLevel()) {
    for (const auto& shape : shapes) {
      const auto problem = random_problem<float>(1, shape.rows, shape.columns, 79);
      CAPTURE(to_string(level), shape.rows, shape.columns, shape.block);
      Fast::Options options;
      options.reference = true;
      options.mask_block = shape.block;
      const auto pruned = matrix(Fast(options).prune(problem, 0.8).weight[0]);
      const auto twin = sparsegpt_twin(matrix(problem.weight[0]), matrix(problem.gram[0]), damping,
                                       shape.block, {true, 0.8, 0});
      const auto agree = ((pruned.array() == 0.0) == (twin.array() == 0.0)).cast<double>();
      REQUIRE(agree.mean() >= 0.999);
      REQUIRE(relative(pruned.array() * agree, twin.array() * agree) < 1e-4);
      options.in_double = true;
      const auto precise = matrix(Fast(options).prune(problem, 0.8).weight[0]);
      REQUIRE(same_zeros(precise, twin));
      REQUIRE(relative(precise, twin) < 1e-6); // rounded to float at the end
    }
  }
}

TEMPLATE_TEST_CASE("exactly round(s G R C) weights become zero", "[pruners][fast]", float, double) {
  for (const std::int64_t groups : {1, 3, 7}) {
    for (const auto& shape : shapes) {
      if (groups > 1 && shape.columns > 100) continue;
      const auto problem = random_problem<TestType>(groups, shape.rows, shape.columns, 80, shape.block);
      const auto size = static_cast<double>(problem.weight.size());
      for (const double sparsity : {0.0, 0.01, 0.37, 0.5, 0.95, 0.999, 1.0}) {
        CAPTURE(groups, shape.rows, shape.columns, shape.block, sparsity);
        const auto solution = Fast().prune(problem, sparsity);
        REQUIRE(zeros(solution.weight) == std::llround(sparsity * size));
        REQUIRE(solution.report.sparsity ==
                Approx(static_cast<double>(std::llround(sparsity * size)) / size));
        REQUIRE(solution.weight.scalar_type() == problem.weight.scalar_type());
        REQUIRE(solution.report.name == "layer");
      }
    }
  }
}

TEST_CASE("a group is solved as if it were alone", "[pruners][fast]") {
  // 8 weights a group and 3/8 of them: every group's share is a whole number.
  const auto problem = random_problem<double>(5, 2, 4, 81, 4);
  const auto together = Fast().prune(problem, 0.375);
  for (std::int64_t g = 0; g < 5; ++g) {
    const Dense weight = matrix(problem.weight[g]);
    const Dense gram = matrix(problem.gram[g]);
    const LayerProblem alone{.name = "one",
                             .weight = tensor<double>({weight}),
                             .gram = tensor<double>({gram}),
                             .samples = 1,
                             .positions = 9,
                             .columns_per_channel = 4};
    CHECK(matrix(Fast().prune(alone, 0.375).weight[0]) == matrix(together.weight[g]));
  }
}

TEST_CASE("depthwise layers of many groups keep their count", "[pruners][fast]") {
  const auto problem = random_problem<float>(960, 1, 9, 82, 9);
  const auto solution = Fast().prune(problem, 0.6);
  CHECK(zeros(solution.weight) == std::llround(0.6 * 960 * 9));
  CHECK(
      solution.report.relative_error.value() ==
      Approx(layer_error(problem, solution.weight) / layer_error(problem, Fast().prune(problem, 1.0).weight))
          .epsilon(1e-4));
}

TEST_CASE("the report's error is the layer's error", "[pruners][fast]") {
  for (const bool refit : {false, true}) {
    for (const bool in_double : {false, true}) {
      const auto problem = random_problem<float>(2, 20, 60, 83);
      Fast::Options options;
      options.refit = refit;
      options.in_double = in_double;
      const auto solution = Fast(options).prune(problem, 0.7);
      const double output = layer_error(problem, Fast().prune(problem, 1.0).weight);
      CHECK(solution.report.relative_error.value() ==
            Approx(layer_error(problem, solution.weight) / output).epsilon(1e-4));
      CHECK(solution.report.damping == 1e-2);
      CHECK(solution.report.seconds > 0);
      options.report_error = false;
      CHECK_FALSE(Fast(options).prune(problem, 0.7).report.relative_error.has_value());
    }
  }
}

TEST_CASE("the refit is the least-squares optimum on the mask", "[pruners][fast]") {
  for (const auto& shape : shapes) {
    const auto problem = random_problem<double>(1, shape.rows, shape.columns, 84);
    CAPTURE(shape.rows, shape.columns, shape.block);
    Fast::Options options;
    options.mask_block = shape.block;
    const auto plain = matrix(Fast(options).prune(problem, 0.6).weight[0]);
    options.refit = true;
    const auto solution = Fast(options).prune(problem, 0.6);
    const auto refitted = matrix(solution.weight[0]);
    CHECK(same_zeros(plain, refitted));
    const auto twin = least_squares_twin(matrix(problem.weight[0]), matrix(problem.gram[0]), damping, plain);
    CHECK(relative(refitted, twin) < 1e-9);
    // The damped error cannot grow; with one column there is nothing to gain.
    const Dense h = matrix(problem.gram[0]);
    const Dense damped = h + Dense(Dense::Identity(h.rows(), h.rows()) * (damping * h.diagonal().mean()));
    const auto error = [&](const Dense& q) {
      const Dense d = matrix(problem.weight[0]) - q;
      return (d * damped).cwiseProduct(d).sum();
    };
    CHECK(error(refitted) <= error(plain) * (1 + 1e-10));
  }
}

TEST_CASE("compensation does better than magnitude, and refitting better still", "[pruners][fast]") {
  const auto problem = random_problem<float>(1, 64, 144, 85, 9);
  Fast::Options options;
  options.refit = true;
  for (const double sparsity : {0.5, 0.8, 0.9}) {
    const double fast = layer_error(problem, Fast().prune(problem, sparsity).weight);
    const double refit = layer_error(problem, Fast(options).prune(problem, sparsity).weight);
    // Magnitude, by its definition.
    Dense w = matrix(problem.weight[0]);
    std::vector<double> sizes(w.data(), w.data() + w.size());
    for (auto& size : sizes)
      size = std::abs(size);
    std::sort(sizes.begin(), sizes.end());
    const double cut = sizes[static_cast<std::size_t>(sparsity * static_cast<double>(sizes.size()))];
    w = (w.array().abs() < cut).select(0.0, w);
    const double magnitude = layer_error(problem, tensor<float>({w}));
    CHECK(fast < 0.75 * magnitude);
    CHECK(refit < 0.95 * fast);
  }
}

TEST_CASE("permuting the rows permutes the solution", "[pruners][fast]") {
  const auto problem = random_problem<double>(1, 53, 40, 86, 4);
  const auto solution = matrix(Fast().prune(problem, 0.7).weight[0]);
  Dense turned = matrix(problem.weight[0]).colwise().reverse();
  auto other = problem;
  other.weight = tensor<double>({turned});
  CHECK(matrix(Fast().prune(other, 0.7).weight[0]) == solution.colwise().reverse());
}

TEMPLATE_TEST_CASE("the unit of the inputs does not matter", "[pruners][fast]", float, double) {
  auto problem = random_problem<TestType>(1, 20, 60, 87);
  const auto solution = Fast().prune(problem, 0.7);
  const Dense gram = matrix(problem.gram[0]);
  // Powers of two give the same bits, at scales far outside the range of a float's square.
  for (const double scale : {0x1p-100, 0x1p-40, 0x1p60}) {
    problem.gram = tensor<double>({gram * scale});
    const auto scaled = Fast().prune(problem, 0.7);
    CHECK(matrix(scaled.weight[0]) == matrix(solution.weight[0]));
    CHECK(scaled.report.relative_error.value() == Approx(solution.report.relative_error.value()));
  }
}

TEMPLATE_TEST_CASE("the solution is the same for any number of threads", "[pruners][fast]", float, double) {
  for (const bool refit : {false, true}) {
    for (const auto& problem :
         {random_problem<TestType>(1, 70, 530, 88, 9), random_problem<TestType>(200, 1, 9, 89, 9)}) {
      Fast::Options options;
      options.refit = refit;
      std::vector<std::vector<TestType>> results;
      for (const int threads : {1, 2, 3, 7}) {
        const Threads scope(threads);
        results.push_back(Fast(options).prune(problem, 0.8).weight.template to_vector<TestType>());
      }
      for (const auto& result : results) {
        CHECK(std::memcmp(result.data(), results[0].data(), result.size() * sizeof(TestType)) == 0);
      }
    }
  }
}

TEST_CASE("equal costs go by column, then by row", "[pruners][fast]") {
  // Independent columns of equal power: costs are the squares of the weights, and nothing is passed on.
  LayerProblem problem{.name = "ties",
                       .weight = tensor<float>({Dense::Constant(3, 4, 1.0)}),
                       .gram = tensor<float>({Dense::Identity(4, 4)})};
  Fast::Options options;
  options.mask_block = 4;
  const auto pruned = matrix(Fast(options).prune(problem, 5.0 / 12).weight[0]);
  Dense expected = Dense::Constant(3, 4, 1.0);
  expected.col(0).setZero();
  expected(0, 1) = expected(1, 1) = 0.0;
  CHECK(pruned == expected);
  // The published rule takes all of them.
  options.reference = true;
  CHECK(zeros(Fast(options).prune(problem, 5.0 / 12).weight) == 12);
}

TEST_CASE("exact counts are no worse than the published rule at the same count", "[pruners][fast]") {
  for (const std::uint64_t seed : {1, 2, 3}) {
    const auto problem = random_problem<float>(1, 64, 144, 900 + seed, 9);
    Fast::Options options;
    options.reference = true;
    const auto published = Fast(options).prune(problem, 0.8);
    const double same =
        static_cast<double>(zeros(published.weight)) / static_cast<double>(problem.weight.size());
    const auto exact = Fast().prune(problem, same);
    REQUIRE(zeros(exact.weight) == zeros(published.weight));
    CHECK(layer_error(problem, exact.weight) <= 1.02 * layer_error(problem, published.weight));
  }
}

TEST_CASE("fast with N:M takes the cheapest of each stretch of each row", "[pruners][fast]") {
  // With as many zeros as a row's share of its own mask block, one row of N:M is one row of the plain sweep.
  for (const auto level : EveryLevel()) {
    for (const auto& layer : {Extents{4, 2, 4}, Extents{36, 1, 4}, Extents{90, 5, 6}, Extents{136, 4, 8},
                              Extents{260, 65, 130}}) {
      const std::int64_t columns = layer[0];
      const std::int64_t gone = layer[1];
      const std::int64_t of = layer[2];
      CAPTURE(to_string(level), columns, gone, of);
      const auto problem = random_problem<double>(1, 29, columns, 91);
      Fast::Options options;
      options.pattern = spade::pruners::Pattern::zeros_of(gone, of);
      const double sparsity = static_cast<double>(gone) / static_cast<double>(of);
      const auto solution = Fast(options).prune(problem, sparsity);
      const Dense pruned = matrix(solution.weight[0]);
      REQUIRE(zeros(solution.weight) == 29 * columns / of * gone);
      for (const Eigen::Index r : {0, 7, 28}) {
        const auto twin = sparsegpt_twin(matrix(problem.weight[0]).row(r), matrix(problem.gram[0]), damping,
                                         of, {false, 0, gone});
        REQUIRE(relative(pruned.row(r), twin) < 1e-10);
      }
      const double output = layer_error(problem, Fast().prune(problem, 1.0).weight);
      REQUIRE(solution.report.relative_error.value() ==
              Approx(layer_error(problem, solution.weight) / output).epsilon(1e-6));
    }
  }
}

TEST_CASE("fast with N:M counts channels innermost where asked to", "[pruners][fast]") {
  const auto problem = random_problem<double>(1, 3, 24, 92, 3); // 8 channels of 3 elements
  Fast::Options options;
  options.pattern = spade::pruners::Pattern::zeros_of(1, 4, spade::pruners::ColumnOrder::ChannelInnermost);
  const Dense pruned = matrix(Fast(options).prune(problem, 0.25).weight[0]);
  for (Eigen::Index r = 0; r < 3; ++r) {
    for (Eigen::Index element = 0; element < 3; ++element) {
      for (Eigen::Index channel = 0; channel < 8; channel += 4) {
        int found = 0;
        for (Eigen::Index c = channel; c < channel + 4; ++c)
          found += pruned(r, 3 * c + element) == 0.0 ? 1 : 0;
        CHECK(found == 1);
      }
    }
  }
}
