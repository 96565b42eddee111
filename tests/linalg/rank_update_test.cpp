// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/linalg/rank_update.hpp>

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
using spade::linalg::Matrix;
using spade::linalg::rank_update;
using spade::tests::EveryLevel;
using spade::tests::random_matrix;
using spade::tests::Threads;

namespace {

/// The definition, in double: C + alpha X X^T below the diagonal, C above it.
template <class T>
std::vector<double> twin(const std::vector<T>& c, double alpha, const std::vector<T>& x, std::int64_t n,
                         std::int64_t p) {
  std::vector<double> result(c.begin(), c.end());
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = 0; j <= i; ++j) {
      double sum = 0;
      for (std::int64_t k = 0; k < p; ++k) {
        sum += static_cast<double>(x[static_cast<std::size_t>(i * p + k)]) *
               x[static_cast<std::size_t>(j * p + k)];
      }
      result[static_cast<std::size_t>(i * n + j)] += alpha * sum;
    }
  }
  return result;
}

template <class T>
std::vector<T> transposed(const std::vector<T>& x, std::int64_t rows, std::int64_t columns) {
  std::vector<T> result(x.size());
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < columns; ++j) {
      result[static_cast<std::size_t>(j * rows + i)] = x[static_cast<std::size_t>(i * columns + j)];
    }
  }
  return result;
}

} // namespace

TEMPLATE_TEST_CASE("a rank update is the definition, for every shape, layout and instruction set",
                   "[linalg][rank_update]", float, double) {
  for (const auto level : EveryLevel()) {
    CAPTURE(to_string(level));
    for (const std::int64_t n : {1, 2, 7, 23, 24, 25, 47, 48, 49, 97, 193, 211}) {
      for (const std::int64_t p : {1, 2, 15, 16, 17, 101, 255, 256, 257}) {
        CAPTURE(n, p);
        const auto x = random_matrix<TestType>(n, p, 17);
        const auto before = random_matrix<TestType>(n, n, 18);
        const auto expected = twin(before, 0.25, x, n, p);
        auto rows = before;
        rank_update<TestType>(TestType(0.25), {x.data(), n, p, p, 1}, {rows.data(), n, n, n});
        double worst = 0;
        for (std::size_t i = 0; i < rows.size(); ++i)
          worst = std::max(worst, std::abs(rows[i] - expected[i]));
        REQUIRE(worst < 20 * static_cast<double>(std::numeric_limits<TestType>::epsilon()) *
                            static_cast<double>(p + 10));
        // The other layout holds the same numbers, so the sums are the same bits.
        const auto xt = transposed(x, n, p);
        auto columns = before;
        rank_update<TestType>(TestType(0.25), {xt.data(), n, p, 1, n}, {columns.data(), n, n, n});
        REQUIRE(columns == rows);
      }
    }
  }
}

TEST_CASE("nothing outside the lower triangle is touched", "[linalg][rank_update]") {
  const std::int64_t n = 53;
  const std::int64_t stride = 60;
  const auto x = random_matrix<float>(n, 30, 1);
  std::vector<float> c(static_cast<std::size_t>(n * stride), -7.0F);
  rank_update<float>(1.0F, {x.data(), n, 30, 30, 1}, {c.data(), n, n, stride});
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = i + 1; j < stride; ++j)
      REQUIRE(c[static_cast<std::size_t>(i * stride + j)] == -7.0F);
  }
}

TEST_CASE("a panel's rows may be strided both ways", "[linalg][rank_update]") {
  const std::int64_t n = 31;
  const std::int64_t p = 40;
  const auto wide = random_matrix<double>(2 * n, 3 * p, 5);
  std::vector<double> dense(static_cast<std::size_t>(n * p));
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t k = 0; k < p; ++k) {
      dense[static_cast<std::size_t>(i * p + k)] = wide[static_cast<std::size_t>(2 * i * 3 * p + 3 * k)];
    }
  }
  std::vector<double> strided(static_cast<std::size_t>(n * n));
  auto expected = strided;
  rank_update<double>(1.0, {wide.data(), n, p, 6 * p, 3}, {strided.data(), n, n, n});
  rank_update<double>(1.0, {dense.data(), n, p, p, 1}, {expected.data(), n, n, n});
  CHECK(strided == expected);
}

TEMPLATE_TEST_CASE("the bits depend neither on the threads nor on cuts at multiples of 256",
                   "[linalg][rank_update]", float, double) {
  const std::int64_t n = 700;
  const std::int64_t p = 600;
  const auto x = random_matrix<TestType>(n, p, 3);
  std::vector<std::vector<TestType>> results;
  for (const int threads : {1, 2, 3, 7}) {
    const Threads scope(threads);
    for (const std::int64_t cut : {std::int64_t{256}, std::int64_t{512}, p}) {
      std::vector<TestType> c(static_cast<std::size_t>(n * n));
      for (std::int64_t begin = 0; begin < p; begin += cut) {
        const std::int64_t columns = std::min(cut, p - begin);
        rank_update<TestType>(TestType(2), {x.data() + begin, n, columns, p, 1}, {c.data(), n, n, n});
      }
      results.push_back(std::move(c));
    }
  }
  for (const auto& result : results) {
    CHECK(std::memcmp(result.data(), results[0].data(), result.size() * sizeof(TestType)) == 0);
  }
}

TEST_CASE("no positions leave C alone, and a NaN stays in its row and column", "[linalg][rank_update]") {
  std::vector<float> c{1, 2, 3, 4};
  rank_update<float>(1.0F, {nullptr, 2, 0, 0, 1}, {c.data(), 2, 2, 2});
  CHECK(c == std::vector<float>{1, 2, 3, 4});
  auto x = random_matrix<float>(60, 5, 9);
  x[50 * 5 + 2] = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> gram(60 * 60);
  rank_update<float>(1.0F, {x.data(), 60, 5, 5, 1}, {gram.data(), 60, 60, 60});
  for (std::size_t i = 0; i < 60; ++i) {
    for (std::size_t j = 0; j <= i; ++j)
      CHECK(std::isnan(gram[i * 60 + j]) == (i == 50 || j == 50));
  }
}

TEST_CASE("a matrix that does not fit is refused", "[linalg][rank_update]") {
  std::vector<float> x(6);
  std::vector<float> c(9);
  const ConstMatrix<float> panel{x.data(), 2, 3, 3, 1};
  CHECK_THROWS_AS(rank_update<float>(1.0F, panel, {c.data(), 3, 3, 3}), spade::ShapeMismatch);
  CHECK_THROWS_WITH(rank_update<float>(1.0F, panel, {c.data(), 3, 3, 3}),
                    "rank_update: the Gram matrix of 2 rows does not fit a matrix of shape [3, 3]");
}
