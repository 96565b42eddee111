// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Exact against its slow twin, and its properties. Patterns: exact_pattern_test.cpp; bad input:
// exact_input_test.cpp.
#include <spade/pruners/exact.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>

#include <catch2/catch.hpp>

#include <spade/pruners/fast.hpp>
#include <spade/pruners/magnitude.hpp>

#include "linalg/every_level.hpp"
#include "pruners/obs_twin.hpp"
#include "pruners/problems.hpp"
#include "support/threads.hpp"

using namespace spade::tests;
using spade::LayerProblem;
using spade::pruners::Elimination;
using spade::pruners::Exact;
using spade::pruners::Fast;

namespace {

// 1, 2, primes, and one below and above: slivers (6 to 48), the panel (32, and more from 512 columns on).
const Extents shapes[] = {{1, 1},  {1, 2},  {2, 1},  {3, 7},  {2, 31}, {2, 32}, {2, 33},
                          {2, 47}, {2, 48}, {3, 49}, {2, 63}, {2, 65}, {2, 97}, {1, 131}};

std::vector<ObsTwin> twins_of(const LayerProblem& problem, double damping) {
  std::vector<ObsTwin> rows;
  for (std::int64_t g = 0; g < problem.weight.extent(0); ++g) {
    const Dense weight = matrix(problem.weight[g]);
    const Dense h = damped(matrix(problem.gram[g]), damping);
    for (Eigen::Index r = 0; r < weight.rows(); ++r)
      rows.push_back(obs_twin(weight.row(r), h, single_columns(weight.cols())));
  }
  return rows;
}

} // namespace

TEST_CASE("in double, order, losses and weights are those of dense inverse updates", "[pruners][exact]") {
  for (const auto level : EveryLevel()) {
    for (const auto& shape : shapes) {
      CAPTURE(to_string(level), shape);
      const auto problem = random_problem<double>(1, shape[0], shape[1], 21);
      const auto elimination = Exact().eliminate(problem);
      const auto twins = twins_of(problem, 1e-2);
      for (std::int64_t r = 0; r < shape[0]; ++r) {
        const auto removals = elimination.removals(0, r);
        const auto& twin = twins[static_cast<std::size_t>(r)];
        REQUIRE(removals.size() == twin.losses.size());
        for (std::size_t t = 0; t < removals.size(); ++t) {
          REQUIRE(removals[t].column == twin.order[t]);
          REQUIRE(std::abs(removals[t].loss - twin.losses[t]) <= 1e-10 * twin.losses[t]);
        }
      }
      for (const double sparsity : {0.2, 0.5, 0.7, 0.9}) {
        const auto count = std::llround(sparsity * static_cast<double>(problem.weight.size()));
        const auto counts = count_rule(twins, count);
        const Dense pruned = matrix(elimination.solution(sparsity).weight[0]);
        for (std::int64_t r = 0; r < shape[0]; ++r) {
          const auto row = static_cast<std::size_t>(r);
          const auto& expected = twins[row].trace[static_cast<std::size_t>(counts[row])];
          REQUIRE((pruned.row(r) - expected).norm() <= 1e-9 * expected.norm());
          REQUIRE(((pruned.row(r).array() == 0.0) == (expected.array() == 0.0)).all());
        }
      }
    }
  }
}

TEST_CASE("the losses are those of a Cholesky factorisation in reverse order", "[pruners][exact]") {
  // With q the reversed order, L L^T = H'[q, q] and z = L^-1 (H' w)_q, step t costs z_{C-1-t}^2 / 2. Large
  // enough for several flushes of every width.
  for (const std::int64_t columns : {200, 700}) {
    const auto problem = random_problem<double>(1, 2, columns, 22);
    const auto elimination = Exact().eliminate(problem);
    const Dense h = damped(matrix(problem.gram[0]), 1e-2);
    const Dense weight = matrix(problem.weight[0]);
    for (std::int64_t r = 0; r < 2; ++r) {
      const auto removals = elimination.removals(0, r);
      std::vector<Eigen::Index> reversed;
      for (auto removal = removals.rbegin(); removal != removals.rend(); ++removal)
        reversed.push_back(removal->column);
      const Dense ordered = h(reversed, reversed);
      const Eigen::VectorXd moments = (h * weight.row(r).transpose())(reversed);
      const Eigen::VectorXd z = Eigen::LLT<Dense>(ordered).matrixL().solve(moments);
      for (std::size_t t = 0; t < removals.size(); ++t) {
        const double expected = 0.5 * std::pow(z(columns - 1 - static_cast<Eigen::Index>(t)), 2);
        REQUIRE(std::abs(removals[t].loss - expected) <= 1e-9 * expected);
      }
    }
  }
}

TEST_CASE("float keeps to the double order but for near ties, on every instruction set", "[pruners][exact]") {
  for (const auto level : EveryLevel()) {
    for (const std::int64_t columns : {48, 97, 300, 600}) {
      CAPTURE(to_string(level), columns);
      const auto problem = random_problem<float>(1, 3, columns, 23);
      Exact::Options options;
      const auto single = Exact(options).eliminate(problem);
      options.in_double = true;
      const auto precise = Exact(options).eliminate(problem);
      for (const double sparsity : {0.5, 0.9}) {
        const Dense a = matrix(single.solution(sparsity).weight[0]);
        const Dense b = matrix(precise.solution(sparsity).weight[0]);
        const auto agree = ((a.array() == 0.0) == (b.array() == 0.0)).cast<double>();
        CHECK(agree.mean() > 0.995);
        CHECK(layer_error(problem, single.solution(sparsity).weight) <
              1.001 * layer_error(problem, precise.solution(sparsity).weight));
      }
    }
  }
}

TEST_CASE("the published count rule and damping, with dead columns", "[pruners][exact]") {
  auto problem = random_problem<double>(1, 4, 12, 24);
  Dense gram = matrix(problem.gram[0]);
  make_dead(gram, {2, 9});
  problem.gram = tensor<double>({gram});
  Exact::Options options;
  options.reference = true;
  const auto elimination = Exact(options).eliminate(problem);
  Dense weight = matrix(problem.weight[0]);
  Dense h = gram;
  std::vector<ObsTwin> twins;
  for (const int dead : {2, 9}) {
    h(dead, dead) = 1.0;
    weight.col(dead).setZero();
  }
  for (Eigen::Index r = 0; r < 4; ++r)
    twins.push_back(obs_twin(weight.row(r), h, single_columns(12)));
  for (const double sparsity : {0.3, 0.51, 0.9}) {
    const auto counts = count_rule(twins, static_cast<std::int64_t>(std::ceil(48 * sparsity)));
    const auto solution = elimination.solution(sparsity);
    const Dense pruned = matrix(solution.weight[0]);
    CHECK(solution.report.damping == 0.0);
    for (std::size_t r = 0; r < 4; ++r) {
      const auto& expected = twins[r].trace[static_cast<std::size_t>(counts[r])];
      CHECK((pruned.row(static_cast<Eigen::Index>(r)) - expected).norm() <= 1e-9 * expected.norm());
    }
  }
  // Singular: the published solver adds 1 to the diagonal.
  problem.gram = tensor<double>({relu_gram(12, 3, 5)});
  const auto singular = Exact(options).prune(problem, 0.5);
  const Dense diagonal = matrix(problem.gram[0]).diagonal();
  CHECK(singular.report.damping == Approx(1.0 / (diagonal.array() == 0.0).select(1.0, diagonal).mean()));
}

TEMPLATE_TEST_CASE("exact removes round(s G R C) weights", "[pruners][exact]", float, double) {
  for (const std::int64_t groups : {1, 3}) {
    for (const auto& shape : shapes) {
      const auto problem = random_problem<TestType>(groups, shape[0], shape[1], 25);
      const auto size = static_cast<double>(problem.weight.size());
      const std::vector<double> sparsities{1.0, 0.95, 0.0, 0.5, 0.01, 0.37};
      const auto solutions = Exact().eliminate(problem).solutions(sparsities);
      for (std::size_t s = 0; s < sparsities.size(); ++s) {
        CAPTURE(groups, shape, sparsities[s]);
        const auto removed = std::llround(sparsities[s] * size);
        REQUIRE(zeros(solutions[s].weight) == removed);
        REQUIRE(solutions[s].report.sparsity == Approx(static_cast<double>(removed) / size));
        REQUIRE(solutions[s].weight.scalar_type() == problem.weight.scalar_type());
        const auto alone = Exact().prune(problem, sparsities[s]);
        REQUIRE((matrix(alone.weight[0]) - matrix(solutions[s].weight[0])).norm() <=
                1e-6 * matrix(alone.weight[0]).norm());
      }
    }
  }
}

TEST_CASE("the weights of exact are the optimum on their support", "[pruners][exact]") {
  const auto problem = random_problem<double>(1, 5, 60, 26);
  const Dense h = damped(matrix(problem.gram[0]), 1e-2);
  for (const double sparsity : {0.1, 0.4, 0.6, 0.95}) {
    const auto solution = Exact().prune(problem, sparsity);
    const Dense pruned = matrix(solution.weight[0]);
    const Dense gradient = (pruned - matrix(problem.weight[0])) * h;
    for (Eigen::Index i = 0; i < pruned.size(); ++i) {
      if (pruned.data()[i] != 0.0) CHECK(std::abs(gradient.data()[i]) < 1e-9 * h.norm());
    }
    const double output = layer_error(problem, Exact().prune(problem, 1.0).weight);
    CHECK(solution.report.relative_error.value() ==
          Approx(layer_error(problem, solution.weight) / output).epsilon(1e-6));
    CHECK(solution.report.damping == 1e-2);
    CHECK(solution.report.seconds > 0);
  }
}

TEST_CASE("exact is never worse than fast", "[pruners][exact]") {
  for (const std::int64_t columns : {9, 60, 144}) {
    const auto problem = random_problem<float>(1, 32, columns, 27);
    Fast::Options refit;
    refit.refit = true;
    for (const double sparsity : {0.3, 0.5, 0.8, 0.9, 0.97}) {
      CAPTURE(columns, sparsity);
      const double exact = layer_error(problem, Exact().prune(problem, sparsity).weight);
      CHECK(exact <= layer_error(problem, Fast().prune(problem, sparsity).weight));
      CHECK(exact <= layer_error(problem, Fast(refit).prune(problem, sparsity).weight));
    }
  }
}

TEST_CASE("permuting the rows permutes what exact gives", "[pruners][exact]") {
  const auto problem = random_problem<double>(1, 23, 40, 28);
  const auto solution = matrix(Exact().prune(problem, 0.7).weight[0]);
  auto other = problem;
  other.weight = tensor<double>({Dense(matrix(problem.weight[0]).colwise().reverse())});
  CHECK(matrix(Exact().prune(other, 0.7).weight[0]) == solution.colwise().reverse());
}

TEMPLATE_TEST_CASE("the units of inputs and weights do not matter to exact", "[pruners][exact]", float,
                   double) {
  const auto problem = random_problem<TestType>(1, 7, 60, 29);
  const Dense solution = matrix(Exact().prune(problem, 0.7).weight[0]);
  // Powers of two give the same bits, at scales far outside the range of a float's square.
  for (const double scale : {0x1p-100, 0x1p-40, 0x1p60}) {
    auto scaled = problem;
    scaled.gram = tensor<double>({matrix(problem.gram[0]) * scale});
    CHECK(matrix(Exact().prune(scaled, 0.7).weight[0]) == solution);
    scaled = problem;
    scaled.weight = tensor<TestType>({matrix(problem.weight[0]) * scale});
    CHECK(matrix(Exact().prune(scaled, 0.7).weight[0]) == solution * scale);
  }
}

TEMPLATE_TEST_CASE("exact gives the same bits for any number of threads", "[pruners][exact]", float, double) {
  for (const auto& problem :
       {random_problem<TestType>(1, 17, 150, 30), random_problem<TestType>(40, 1, 9, 31, 9)}) {
    std::vector<std::vector<TestType>> results;
    for (const int threads : {1, 2, 3, 7}) {
      const Threads scope(threads);
      results.push_back(Exact().prune(problem, 0.8).weight.template to_vector<TestType>());
    }
    for (const auto& result : results)
      CHECK(std::memcmp(result.data(), results[0].data(), result.size() * sizeof(TestType)) == 0);
  }
}

TEST_CASE("weights that are zero go first and cost nothing", "[pruners][exact]") {
  auto problem = random_problem<double>(1, 3, 20, 32);
  Dense weight = matrix(problem.weight[0]);
  weight(0, 3) = weight(0, 11) = weight(2, 7) = 0.0;
  problem.weight = tensor<double>({weight});
  const auto elimination = Exact().eliminate(problem);
  const auto first = elimination.removals(0, 0);
  CHECK(first[0].column == 3);
  CHECK(first[1].column == 11);
  CHECK(first[0].loss == 0.0);
  CHECK(first[1].loss == 0.0);
  CHECK(first[2].loss > 0.0);
  CHECK(elimination.removals(0, 2)[0].column == 7);
  CHECK(matrix(elimination.solution(3.0 / 60).weight[0]).isApprox(weight, 1e-12));
}

TEST_CASE("groups share one budget, as their outputs share one error", "[pruners][exact]") {
  auto problem = random_problem<double>(2, 3, 8, 33);
  std::vector<Dense> weights{matrix(problem.weight[0]), matrix(problem.weight[1]) * 1e4};
  problem.weight = tensor<double>(weights);
  const auto solution = Exact().prune(problem, 0.5);
  CHECK(zeros(solution.weight) == 24);
  CHECK(zeros(solution.weight[0]) == 24); // those of the group that hardly matters
  const auto twins = twins_of(problem, 1e-2);
  const auto counts = count_rule(twins, 36);
  const auto more = Exact().prune(problem, 0.75);
  for (std::int64_t g = 0; g < 2; ++g) {
    for (std::int64_t r = 0; r < 3; ++r) {
      const auto& expected =
          twins[static_cast<std::size_t>(3 * g + r)]
              .trace[static_cast<std::size_t>(counts[static_cast<std::size_t>(3 * g + r)])];
      CHECK((matrix(more.weight[g]).row(r) - expected).norm() <= 1e-9 * expected.norm());
    }
  }
}
