// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/linalg/solve_rows.hpp>

#include <algorithm>
#include <limits>
#include <vector>

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <catch2/catch.hpp>

#include <spade/core/error.hpp>

#include "linalg/every_level.hpp"
#include "support/random_matrix.hpp"
#include "support/threads.hpp"

namespace {

using Eigen::Dynamic;
using spade::linalg::solve_rows;
using spade::tests::EveryLevel;
using spade::tests::random_matrix;
using spade::tests::Threads;
template <class T> using Rows = Eigen::Matrix<T, Dynamic, Dynamic, Eigen::RowMajor>;

/// A factor with elements of order 1 on the diagonal and small ones below, and rubbish above it.
template <class T> std::vector<T> factor(std::int64_t n) {
  auto l = random_matrix<T>(n, n, 5);
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = 0; j < i; ++j)
      l[static_cast<std::size_t>(i * n + j)] /= static_cast<T>(n);
    l[static_cast<std::size_t>(i * n + i)] = static_cast<T>(1 + (i % 3));
  }
  return l;
}

} // namespace

TEMPLATE_TEST_CASE("rows are solved as one by one, at sizes about the blocks' own", "[linalg][solve_rows]",
                   float, double) {
  for (const auto level : EveryLevel()) {
    for (const std::int64_t n : {1, 2, 31, 64, 191, 192, 193, 385}) {
      for (const std::int64_t m : {1, 2, 17, 50}) {
        CAPTURE(to_string(level), n, m);
        const auto l = factor<TestType>(n);
        const auto b = random_matrix<TestType>(m, n, 7);
        auto x = b;
        solve_rows<TestType>({l.data(), n, n, n, 1}, {x.data(), m, n, n});
        const Rows<double> lower = Eigen::Map<const Rows<TestType>>(l.data(), n, n)
                                       .template cast<double>()
                                       .template triangularView<Eigen::Lower>();
        const Rows<double> solved = Eigen::Map<const Rows<TestType>>(x.data(), m, n).template cast<double>();
        const Rows<double> asked = Eigen::Map<const Rows<TestType>>(b.data(), m, n).template cast<double>();
        const double error = (solved * lower * lower.transpose() - asked).cwiseAbs().maxCoeff();
        CHECK(error < 100 * static_cast<double>(std::numeric_limits<TestType>::epsilon()) *
                          (1 + static_cast<double>(n)));
      }
    }
  }
}

TEST_CASE("solved rows have the same bits for any number of threads", "[linalg][solve_rows]") {
  const std::int64_t n = 400;
  const std::int64_t m = 90;
  const auto l = factor<double>(n);
  std::vector<std::vector<double>> results;
  for (const int count : {1, 2, 3, 7}) {
    const Threads threads(count);
    results.push_back(random_matrix<double>(m, n, 7));
    solve_rows<double>({l.data(), n, n, n, 1}, {results.back().data(), m, n, n});
  }
  CHECK(results[1] == results[0]);
  CHECK(results[2] == results[0]);
  CHECK(results[3] == results[0]);
}

TEST_CASE("a factor of another size is refused", "[linalg][solve_rows]") {
  const auto l = factor<double>(4);
  std::vector<double> b(10);
  CHECK_THROWS_WITH(solve_rows<double>({l.data(), 4, 4, 4, 1}, {b.data(), 2, 5, 5}),
                    Catch::Matchers::Contains("[4, 4]") && Catch::Matchers::Contains("5 columns"));
}
