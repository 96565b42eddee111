// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/linalg/multiply.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include <catch2/catch.hpp>

#include <spade/core/error.hpp>

#include "linalg/every_level.hpp"
#include "support/random_matrix.hpp"
#include "support/threads.hpp"

using spade::linalg::ConstMatrix;
using spade::linalg::multiply_add;
using spade::tests::EveryLevel;
using spade::tests::random_matrix;
using spade::tests::Threads;

TEMPLATE_TEST_CASE("a product is the definition, for every shape, layout and instruction set",
                   "[linalg][multiply]", float, double) {
  for (const auto level : EveryLevel()) {
    CAPTURE(to_string(level));
    for (const std::int64_t m : {1, 2, 13, 48, 97}) {
      for (const std::int64_t n : {1, 7, 49, 193}) {
        for (const std::int64_t k : {1, 31, 256, 257}) {
          CAPTURE(m, n, k);
          const auto a = random_matrix<TestType>(m, k, 1);
          const auto b = random_matrix<TestType>(k, n, 2);
          const auto before = random_matrix<TestType>(m, n, 3);
          auto c = before;
          multiply_add<TestType>(TestType(-0.5), {a.data(), m, k, k, 1}, {b.data(), k, n, n, 1},
                                 {c.data(), m, n, n});
          double worst = 0;
          for (std::int64_t i = 0; i < m; ++i) {
            for (std::int64_t j = 0; j < n; ++j) {
              double sum = 0;
              for (std::int64_t p = 0; p < k; ++p) {
                sum += static_cast<double>(a[static_cast<std::size_t>(i * k + p)]) *
                       static_cast<double>(b[static_cast<std::size_t>(p * n + j)]);
              }
              const auto at = static_cast<std::size_t>(i * n + j);
              worst = std::max(
                  worst, std::abs(static_cast<double>(c[at]) - static_cast<double>(before[at]) + 0.5 * sum));
            }
          }
          REQUIRE(worst < 20 * static_cast<double>(std::numeric_limits<TestType>::epsilon()) *
                              static_cast<double>(k + 10));
          // C^T += alpha B^T A^T, the factors viewed the other way round, has the same sums.
          const ConstMatrix<TestType> a_view{a.data(), m, k, k, 1};
          const ConstMatrix<TestType> b_view{b.data(), k, n, n, 1};
          std::vector<TestType> turned(static_cast<std::size_t>(m * n));
          for (std::int64_t i = 0; i < m * n; ++i) {
            turned[static_cast<std::size_t>(i % n * m + i / n)] = before[static_cast<std::size_t>(i)];
          }
          multiply_add<TestType>(TestType(-0.5), b_view.transposed(), a_view.transposed(),
                                 {turned.data(), n, m, m});
          for (std::int64_t i = 0; i < m * n; ++i) {
            REQUIRE(turned[static_cast<std::size_t>(i % n * m + i / n)] == c[static_cast<std::size_t>(i)]);
          }
        }
      }
    }
  }
}

TEST_CASE("a product is the same for any number of threads", "[linalg][multiply]") {
  const std::int64_t n = 500;
  const auto a = random_matrix<float>(n, n, 4);
  std::vector<std::vector<float>> results;
  for (const int threads : {1, 2, 3, 7}) {
    const Threads scope(threads);
    results.emplace_back(static_cast<std::size_t>(n * n));
    multiply_add<float>(1.0F, {a.data(), n, n, n, 1}, {a.data(), n, n, n, 1},
                        {results.back().data(), n, n, n});
  }
  for (const auto& result : results) {
    CHECK(std::memcmp(result.data(), results[0].data(), result.size() * sizeof(float)) == 0);
  }
}

TEST_CASE("factors that do not go together are refused", "[linalg][multiply]") {
  float values[12] = {};
  CHECK_THROWS_AS(multiply_add<float>(1.0F, {values, 2, 3, 3, 1}, {values, 4, 2, 2, 1}, {values, 2, 2, 2}),
                  spade::ShapeMismatch);
  CHECK_THROWS_WITH(multiply_add<float>(1.0F, {values, 2, 3, 3, 1}, {values, 3, 2, 2, 1}, {values, 2, 3, 3}),
                    "multiply_add: [2, 3] times [3, 2] does not give [2, 3]");
}
