// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/pruners/forward_backward.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <spade/core/error.hpp>
#include <spade/pruners/exact.hpp>

#include "linalg/every_level.hpp"
#include "pruners/obs_twin.hpp"
#include "pruners/problems.hpp"
#include "support/threads.hpp"

using namespace spade::tests;
using spade::LayerProblem;
using spade::pruners::Exact;
using spade::pruners::ForwardBackward;

namespace {

// Orthogonal least squares by definition: always the column with which the optimum on all chosen explains
// most.
std::vector<Eigen::Index> forward_twin(const Eigen::RowVectorXd& weight, const Dense& h, std::int64_t most) {
  const Eigen::VectorXd moments = h * weight.transpose();
  std::vector<Eigen::Index> chosen;
  while (static_cast<std::int64_t>(chosen.size()) < most) {
    double best = -1;
    Eigen::Index next = 0;
    for (Eigen::Index c = 0; c < h.cols(); ++c) {
      if (std::find(chosen.begin(), chosen.end(), c) != chosen.end()) continue;
      auto trial = chosen;
      trial.push_back(c);
      const Dense corner = h(trial, trial);
      const Eigen::VectorXd b = moments(trial);
      const double explained = b.dot(corner.llt().solve(b));
      if (explained > best) {
        best = explained;
        next = c;
      }
    }
    chosen.push_back(next);
  }
  return chosen;
}

// The whole method, row by row, with the paper's count rule for the second half.
Dense twin_of(const LayerProblem& problem, std::int64_t kept, std::int64_t most) {
  const Dense weight = matrix(problem.weight[0]);
  const Dense h = damped(matrix(problem.gram[0]), 1e-2);
  std::vector<std::vector<Eigen::Index>> chosen;
  std::vector<ObsTwin> backward;
  for (Eigen::Index r = 0; r < weight.rows(); ++r) {
    chosen.push_back(forward_twin(weight.row(r), h, most));
    const Dense corner = h(chosen.back(), chosen.back());
    const Eigen::VectorXd b = (h * weight.row(r).transpose())(chosen.back());
    const Eigen::RowVectorXd optimum = corner.llt().solve(b).transpose();
    backward.push_back(obs_twin(optimum, corner, single_columns(most)));
  }
  const auto counts = count_rule(backward, most * weight.rows() - kept);
  Dense result = Dense::Zero(weight.rows(), weight.cols());
  for (std::size_t r = 0; r < backward.size(); ++r) {
    const auto& row = backward[r].trace[static_cast<std::size_t>(counts[r])];
    for (Eigen::Index i = 0; i < most; ++i)
      result(static_cast<Eigen::Index>(r), chosen[r][static_cast<std::size_t>(i)]) = row(i);
  }
  return result;
}

double output_of(const LayerProblem& problem) {
  return layer_error(problem, Exact().prune(problem, 1.0).weight);
}

struct Case {
  std::string name;
  LayerProblem problem;
};

// Row r times e^(sigma z_r).
LayerProblem unequal_rows(double sigma) {
  auto problem = random_problem<float>(1, 64, 144, 77);
  Dense weight = matrix(problem.weight[0]);
  const Dense z = random_dense(weight.rows(), 1, 78);
  for (Eigen::Index r = 0; r < weight.rows(); ++r)
    weight.row(r) *= std::exp(sigma * z(r, 0));
  problem.weight = tensor<float>({weight});
  return problem;
}

// change(H, g) for the Gram matrix of each group.
template <class Change> LayerProblem changed_groups(LayerProblem problem, const Change& change) {
  std::vector<Dense> grams;
  for (std::int64_t g = 0; g < problem.gram.extent(0); ++g) {
    grams.push_back(matrix(problem.gram[g]));
    change(grams.back(), g);
  }
  problem.gram = tensor<double>(grams);
  return problem;
}

std::vector<Case> unequal_problems() {
  const auto groups = random_problem<float>(8, 8, 72, 79);
  const Dense z = random_dense(96, 1, 80);
  return {
      {"rows, sigma 1", unequal_rows(1)},
      {"rows, sigma 2", unequal_rows(2)},
      {"groups",
       changed_groups(groups, [](Dense& h, std::int64_t g) { h *= std::pow(4.0, -static_cast<double>(g)); })},
      {"dead groups", changed_groups(groups,
                                     [](Dense& h, std::int64_t g) {
                                       if (g < 6) h.setZero();
                                     })},
      {"groups of few live columns", changed_groups(groups,
                                                    [](Dense& h, std::int64_t g) {
                                                      if (g % 4 == 0) return;
                                                      h.bottomRows(70).setZero();
                                                      h.rightCols(70).setZero();
                                                    })},
      {"depthwise channels", changed_groups(random_problem<float>(96, 1, 49, 81, 49),
                                            [&](Dense& h, std::int64_t g) { h *= std::exp(2 * z(g, 0)); })},
  };
}

} // namespace

TEST_CASE("forward selection, then elimination, as by definition", "[pruners][forward_backward]") {
  for (const auto level : EveryLevel()) {
    for (const auto& shape : {Extents{1, 13}, Extents{3, 40}, Extents{2, 49}, Extents{2, 97}}) {
      for (const double sparsity : {0.8, 0.9}) {
        CAPTURE(to_string(level), shape, sparsity);
        const auto problem = random_problem<double>(1, shape[0], shape[1], 71);
        const std::int64_t size = shape[0] * shape[1];
        const std::int64_t kept = size - std::llround(sparsity * static_cast<double>(size));
        const std::int64_t mean = (kept + shape[0] - 1) / shape[0];
        const auto expected = twin_of(problem, kept, std::min(std::max(2 * mean, mean + 8), shape[1]));
        const auto solution = ForwardBackward().prune(problem, sparsity);
        const Dense pruned = matrix(solution.weight[0]);
        REQUIRE(zeros(solution.weight) == size - kept);
        REQUIRE((pruned - expected).norm() < 1e-9 * expected.norm());
        REQUIRE(solution.report.solver.empty());
        REQUIRE(solution.report.relative_error.value() ==
                Approx(layer_error(problem, solution.weight) / output_of(problem)).epsilon(1e-6));
      }
    }
  }
}

TEST_CASE("forward selection is no worse than elimination alone at high sparsity",
          "[pruners][forward_backward]") {
  for (const std::uint64_t seed : {1, 2, 3}) {
    const auto problem = random_problem<float>(1, 32, 144, 700 + 20 * seed);
    for (const double sparsity : {0.8, 0.9, 0.95, 0.99}) {
      CAPTURE(seed, sparsity);
      CHECK(layer_error(problem, ForwardBackward().prune(problem, sparsity).weight) <
            1.01 * layer_error(problem, Exact().prune(problem, sparsity).weight));
    }
  }
}

TEST_CASE("nor is it where rows or groups matter more than others", "[pruners][forward_backward]") {
  for (const auto& [name, problem] : unequal_problems()) {
    for (const double sparsity : {0.8, 0.9, 0.95}) {
      CAPTURE(name, sparsity);
      const auto solution = ForwardBackward().prune(problem, sparsity);
      CHECK(solution.report.solver.empty());
      CHECK(zeros(solution.weight) == std::llround(sparsity * static_cast<double>(problem.weight.size())));
      const double error = layer_error(problem, solution.weight);
      CHECK(error < 1.02 * layer_error(problem, Exact().prune(problem, sparsity).weight));
      CHECK(solution.report.relative_error.value() == Approx(error / output_of(problem)).epsilon(1e-4));
      for (const int threads : {1, 3}) {
        const Threads scope(threads);
        CHECK(ForwardBackward().prune(problem, sparsity).weight.to_vector<float>() ==
              solution.weight.to_vector<float>());
      }
      ForwardBackward::Options swaps;
      swaps.swaps = true;
      const auto swapped = ForwardBackward(swaps).prune(problem, sparsity);
      CHECK(zeros(swapped.weight) == zeros(solution.weight));
      CHECK(layer_error(problem, swapped.weight) < 1.001 * error);
    }
  }
}

TEST_CASE("where dead columns suffice forward selection has nothing to do", "[pruners][forward_backward]") {
  const auto problem = changed_groups(random_problem<float>(8, 8, 72, 79), [](Dense& h, std::int64_t g) {
    if (g > 0) h.setZero();
  });
  const auto solution = ForwardBackward().prune(problem, 0.8);
  CHECK(zeros(solution.weight) == std::llround(0.8 * 8 * 8 * 72));
  CHECK(matrix(solution.weight[0]) == matrix(problem.weight[0]));
  CHECK(solution.report.relative_error.value() == 0.0);
}

TEST_CASE("where it has no advantage exact is run, and named", "[pruners][forward_backward]") {
  auto problem = random_problem<float>(1, 8, 30, 72);
  const auto mild = ForwardBackward().prune(problem, 0.5);
  CHECK(mild.report.solver == "exact");
  CHECK(mild.weight.to_vector<float>() == Exact().prune(problem, 0.5).weight.to_vector<float>());
  problem.positions = 8;
  CHECK(ForwardBackward().prune(problem, 0.9).report.solver.empty());
  problem.positions = 7;
  CHECK(ForwardBackward().prune(problem, 0.9).report.solver == "exact");
  ForwardBackward::Options options;
  options.least_positions = 0;
  CHECK(ForwardBackward(options).prune(problem, 0.9).report.solver.empty());
  problem.positions = 0; // unknown
  CHECK(ForwardBackward().prune(problem, 0.9).report.solver.empty());
}

TEMPLATE_TEST_CASE("forward and backward leave the exact count", "[pruners][forward_backward]", float,
                   double) {
  for (const auto& shape : {Extents{1, 1, 1}, Extents{1, 1, 2}, Extents{2, 3, 7}, Extents{40, 1, 9},
                            Extents{1, 17, 131}, Extents{3, 9, 20}}) {
    const auto problem = random_problem<TestType>(shape[0], shape[1], shape[2], 73);
    for (const double sparsity : {0.0, 0.76, 0.9, 0.99, 1.0}) {
      CAPTURE(shape, sparsity);
      const auto removed = std::llround(sparsity * static_cast<double>(problem.weight.size()));
      CHECK(zeros(ForwardBackward().prune(problem, sparsity).weight) == removed);
    }
  }
}

TEST_CASE("rows of zeros and dead columns are no obstacle to forward selection",
          "[pruners][forward_backward]") {
  auto problem = random_problem<double>(1, 5, 30, 74);
  Dense weight = matrix(problem.weight[0]);
  weight.row(2).setZero();
  problem.weight = tensor<double>({weight});
  Dense gram = matrix(problem.gram[0]);
  make_dead(gram, {4});
  problem.gram = tensor<double>({gram});
  const Dense pruned = matrix(ForwardBackward().prune(problem, 0.8).weight[0]);
  CHECK(pruned.row(2).isZero(0));
  CHECK(pruned.col(4).isZero(0));
  CHECK((pruned.array() != 0.0).count() == 30);
  problem.gram = tensor<double>({Dense::Zero(30, 30)}); // no samples: by magnitude
  CHECK(zeros(ForwardBackward().prune(problem, 0.8).weight) == 120);
}

TEMPLATE_TEST_CASE("units and threads do not matter to forward selection", "[pruners][forward_backward]",
                   float, double) {
  const auto problem = random_problem<TestType>(1, 9, 60, 75);
  const Dense solution = matrix(ForwardBackward().prune(problem, 0.9).weight[0]);
  for (const double scale : {0x1p-100, 0x1p60}) {
    auto scaled = problem;
    scaled.gram = tensor<double>({matrix(problem.gram[0]) * scale});
    CHECK(matrix(ForwardBackward().prune(scaled, 0.9).weight[0]) == solution);
    scaled = problem;
    scaled.weight = tensor<TestType>({matrix(problem.weight[0]) * scale});
    CHECK(matrix(ForwardBackward().prune(scaled, 0.9).weight[0]) == solution * scale);
  }
  for (const int threads : {1, 2, 3, 7}) {
    const Threads scope(threads);
    CHECK(matrix(ForwardBackward().prune(problem, 0.9).weight[0]) == solution);
  }
}

TEST_CASE("forward and backward refuses what it cannot prune", "[pruners][forward_backward]") {
  auto problem = random_problem<float>(1, 3, 5, 76);
  CHECK_THROWS_AS(ForwardBackward().prune(problem, 1.01), spade::InvalidArgument);
  CHECK_THROWS_WITH(ForwardBackward().prune(problem, 1.01),
                    "ForwardBackward: sparsity 1.01 for layer 'layer' is outside [0, 1]");
  ForwardBackward::Options options;
  options.least_positions = -1;
  CHECK_THROWS_AS(ForwardBackward(options), spade::InvalidArgument);
  CHECK_THROWS_WITH(ForwardBackward(options),
                    "ForwardBackward: least_positions -1 is no multiple of the columns; "
                    "0.25 is usual, 0 means always");
  Dense gram = Dense::Identity(5, 5);
  gram(1, 2) = gram(2, 1) = -200.0;
  problem.gram = tensor<double>({gram});
  CHECK_THROWS_AS(ForwardBackward().prune(problem, 0.9), spade::NumericalError);
  CHECK_THROWS_WITH(
      ForwardBackward().prune(problem, 0.9),
      Catch::StartsWith("ForwardBackward: the Gram matrix of layer 'layer', group 0, is not positive "
                        "definite even with 100 of its mean diagonal added"));
  problem.gram = {};
  CHECK_THROWS_WITH(ForwardBackward().prune(problem, 0.9),
                    "ForwardBackward: layer 'layer' comes without a Gram matrix; gather Statistics::Full");
}
