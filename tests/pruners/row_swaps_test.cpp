// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "pruners/row_swaps.hpp"

#include <algorithm>
#include <cmath>

#include <catch2/catch.hpp>

#include <spade/core/error.hpp>
#include <spade/pruners/forward_backward.hpp>

#include "pruners/obs_twin.hpp"
#include "pruners/problems.hpp"
#include "support/threads.hpp"

using namespace spade::tests;
using spade::pruners::ForwardBackward;
using spade::pruners::RowSwaps;

namespace {

struct Row {
  Dense h;
  Eigen::VectorXd moments;
  double output;
};

Row row_of(std::int64_t n, std::uint64_t seed) {
  Row row;
  row.h = damped(relu_gram(n, 4 * n + 8, seed), 1e-2);
  const Eigen::VectorXd w = random_dense(n, 1, seed + 5).col(0);
  row.moments = row.h * w;
  row.output = w.dot(row.moments);
  return row;
}

double error_of(const Row& row, const std::vector<std::int32_t>& kept) {
  const Eigen::VectorXd b = row.moments(kept);
  return row.output - b.dot(Dense(row.h(kept, kept)).llt().solve(b));
}

// The error and the pair of the best swap, by solving for every pair anew.
struct BestPair {
  double error;
  std::vector<std::int32_t> kept;
};

BestPair best_pair(const Row& row, const std::vector<std::int32_t>& kept) {
  BestPair best{error_of(row, kept), kept};
  for (std::int32_t j = 0; j < row.h.rows(); ++j) {
    if (std::find(kept.begin(), kept.end(), j) != kept.end()) continue;
    for (std::size_t i = 0; i < kept.size(); ++i) {
      auto trial = kept;
      trial[i] = j;
      const double error = error_of(row, trial);
      if (error < best.error) best = {error, trial};
    }
  }
  return best;
}

std::vector<std::int32_t> every(std::int64_t step, std::int64_t count) {
  std::vector<std::int32_t> kept;
  for (std::int64_t i = 0; i < count; ++i)
    kept.push_back(static_cast<std::int32_t>(i * step));
  return kept;
}

ForwardBackward with_swaps() {
  ForwardBackward::Options options;
  options.swaps = true;
  return ForwardBackward(options);
}

} // namespace

TEST_CASE("weights trade places as when every pair is solved for", "[pruners][row_swaps]") {
  std::int64_t total = 0;
  for (const auto& size :
       {Extents{2, 1}, Extents{3, 2}, Extents{7, 1}, Extents{13, 4}, Extents{24, 12}, Extents{31, 30}}) {
    const std::int64_t n = size[0];
    const std::int64_t k = size[1];
    for (const std::uint64_t seed : {81, 82, 83}) {
      CAPTURE(n, k, seed);
      const auto row = row_of(n, seed);
      auto expected = every(n / k, k);
      std::int64_t swaps = 0;
      for (;; ++swaps) {
        const auto best = best_pair(row, expected);
        if (best.error > (1 - 1e-3) * error_of(row, expected)) break;
        expected = best.kept;
      }
      auto kept = every(n / k, k);
      CHECK(RowSwaps(row.h.data(), n).improve(row.moments.data(), row.output, kept, "H") == swaps);
      CHECK(kept == expected);
      total += swaps;
    }
  }
  CHECK(total > 20);
}

TEST_CASE("nothing trades places where nothing is left out, or nothing kept", "[pruners][row_swaps]") {
  const auto row = row_of(5, 84);
  RowSwaps swaps(row.h.data(), 5);
  std::vector<std::int32_t> none;
  CHECK(swaps.improve(row.moments.data(), row.output, none, "H") == 0);
  auto all = every(1, 5);
  CHECK(swaps.improve(row.moments.data(), row.output, all, "H") == 0);
  const Eigen::VectorXd zero = Eigen::VectorXd::Zero(5);
  auto two = every(2, 2);
  CHECK(swaps.improve(zero.data(), 0.0, two, "H") == 0);
  CHECK(two == every(2, 2));
}

TEST_CASE("a matrix that is not positive definite is refused", "[pruners][row_swaps]") {
  auto row = row_of(5, 85);
  row.h(0, 2) = row.h(2, 0) = 100;
  auto kept = every(2, 2);
  RowSwaps swaps(row.h.data(), 5);
  CHECK_THROWS_AS(swaps.improve(row.moments.data(), row.output, kept, "H of 'fc'"), spade::NumericalError);
  CHECK_THROWS_WITH(swaps.improve(row.moments.data(), row.output, kept, "H of 'fc'"),
                    "H of 'fc', is not positive definite on 2 columns of a row; give more damping");
}

TEMPLATE_TEST_CASE("swaps keep every row's count, and make no row worse", "[pruners][forward_backward]",
                   float, double) {
  for (const auto& shape : {Extents{1, 1, 2}, Extents{2, 3, 7}, Extents{1, 17, 131}, Extents{3, 9, 20}}) {
    const auto problem = random_problem<TestType>(shape[0], shape[1], shape[2], 86);
    for (const double sparsity : {0.0, 0.76, 0.9, 0.99, 1.0}) {
      CAPTURE(shape, sparsity);
      const auto before = ForwardBackward().prune(problem, sparsity);
      const auto after = with_swaps().prune(problem, sparsity);
      CHECK(zeros(after.weight) == std::llround(sparsity * static_cast<double>(problem.weight.size())));
      for (std::int64_t g = 0; g < shape[0]; ++g) {
        const Dense h = damped(matrix(problem.gram[g]), 1e-2);
        const Dense w = matrix(problem.weight[g]);
        const Dense old = w - matrix(before.weight[g]);
        const Dense now = w - matrix(after.weight[g]);
        for (Eigen::Index r = 0; r < w.rows(); ++r) {
          CHECK((matrix(after.weight[g]).row(r).array() == 0).count() ==
                (matrix(before.weight[g]).row(r).array() == 0).count());
          const double worse = (old.row(r) * h * old.row(r).transpose()).value();
          CHECK((now.row(r) * h * now.row(r).transpose()).value() <= (1 + 1e-5) * worse + 1e-9);
        }
      }
    }
  }
}

TEST_CASE("swaps lower the error at high sparsity", "[pruners][forward_backward]") {
  for (const std::uint64_t seed : {1, 2, 3}) {
    const auto problem = random_problem<float>(1, 32, 144, 700 + 20 * seed);
    for (const double sparsity : {0.8, 0.9, 0.95, 0.99}) {
      CAPTURE(seed, sparsity);
      CHECK(layer_error(problem, with_swaps().prune(problem, sparsity).weight) <
            layer_error(problem, ForwardBackward().prune(problem, sparsity).weight));
    }
  }
}

TEST_CASE("swaps do not depend on threads or units, and leave dead columns out",
          "[pruners][forward_backward]") {
  auto problem = random_problem<float>(1, 70, 60, 87); // two strips of rows
  Dense gram = matrix(problem.gram[0]);
  make_dead(gram, {4});
  problem.gram = tensor<double>({gram});
  const Dense solution = matrix(with_swaps().prune(problem, 0.9).weight[0]);
  CHECK(solution.col(4).isZero(0));
  CHECK((solution.array() != 0.0).count() == 420);
  for (const int threads : {1, 2, 3, 7}) {
    const Threads scope(threads);
    CHECK(matrix(with_swaps().prune(problem, 0.9).weight[0]) == solution);
  }
  for (const double scale : {0x1p-100, 0x1p60}) {
    auto scaled = problem;
    scaled.gram = tensor<double>({gram * scale});
    CHECK(matrix(with_swaps().prune(scaled, 0.9).weight[0]) == solution);
  }
  gram.setZero(); // no samples: by magnitude
  problem.gram = tensor<double>({gram});
  CHECK(zeros(with_swaps().prune(problem, 0.9).weight) == 3780);
}
