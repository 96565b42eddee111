// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/linalg/cholesky.hpp>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include <Eigen/Dense>
#include <catch2/catch.hpp>

#include <spade/core/error.hpp>

#include "linalg/every_level.hpp"
#include "support/random_matrix.hpp"
#include "support/threads.hpp"

using spade::linalg::factor_cholesky;
using spade::linalg::Matrix;
using spade::tests::EveryLevel;
using spade::tests::random_matrix;
using spade::tests::Threads;

namespace {

template <class T> using RowMajor = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// A positive definite matrix with a condition number of some hundreds.
template <class T> RowMajor<T> positive(std::int64_t n, std::uint64_t seed) {
  const auto values = random_matrix<double>(n, n + 5, seed);
  const Eigen::Map<const RowMajor<double>> x(values.data(), n, n + 5);
  RowMajor<double> h = x * x.transpose() / static_cast<double>(n);
  h.diagonal().array() += 0.05;
  return h.cast<T>();
}

template <class T> Matrix<T> view(RowMajor<T>& a) {
  return {a.data(), a.rows(), a.cols(), a.cols()};
}

} // namespace

TEMPLATE_TEST_CASE("L L^T is the matrix, for every size and instruction set", "[linalg][cholesky]", float,
                   double) {
  const double epsilon = static_cast<double>(std::numeric_limits<TestType>::epsilon());
  for (const auto level : EveryLevel()) {
    for (const std::int64_t n :
         {1, 2, 5, 11, 12, 13, 23, 24, 25, 47, 48, 49, 95, 97, 127, 128, 129, 255, 257, 511, 512, 513, 769}) {
      CAPTURE(to_string(level), n);
      const RowMajor<TestType> given = positive<TestType>(n, 100 + static_cast<std::uint64_t>(n));
      RowMajor<TestType> a = given;
      a.template triangularView<Eigen::StrictlyUpper>().setConstant(
          TestType(-3)); // must be neither read nor written
      REQUIRE(factor_cholesky<TestType>(view(a)) == n);
      RowMajor<double> l = a.template cast<double>().template triangularView<Eigen::Lower>();
      const RowMajor<double> expected = given.template cast<double>();
      const RowMajor<double> product = l * l.transpose();
      REQUIRE((product - expected).norm() <
              4 * epsilon * std::sqrt(static_cast<double>(n)) * expected.norm());
      for (std::int64_t i = 0; i < n; ++i) {
        REQUIRE(a(i, i) > 0);
        for (std::int64_t j = i + 1; j < n; ++j)
          REQUIRE(a(i, j) == TestType(-3));
      }
    }
  }
}

TEMPLATE_TEST_CASE("solving gives the solution of the system", "[linalg][cholesky]", float, double) {
  for (const std::int64_t n : {1, 2, 3, 7, 60, 211}) {
    CAPTURE(n);
    RowMajor<TestType> a = positive<TestType>(n, 7);
    const RowMajor<double> h = a.template cast<double>();
    REQUIRE(factor_cholesky<TestType>(view(a)) == n);
    auto x = random_matrix<TestType>(n, 1, 8);
    const Eigen::VectorXd b =
        Eigen::Map<Eigen::Matrix<TestType, Eigen::Dynamic, 1>>(x.data(), n).template cast<double>();
    spade::linalg::solve_cholesky<TestType>(view(a), x.data());
    const Eigen::VectorXd found =
        Eigen::Map<Eigen::Matrix<TestType, Eigen::Dynamic, 1>>(x.data(), n).template cast<double>();
    CHECK((h * found - b).norm() <
          2e3 * static_cast<double>(std::numeric_limits<TestType>::epsilon()) * b.norm());
  }
}

TEST_CASE("the first bad pivot is named, wherever it lies", "[linalg][cholesky]") {
  const std::int64_t n = 600;
  for (const std::int64_t bad : {0, 1, 47, 48, 255, 256, 300, 599}) {
    CAPTURE(bad);
    RowMajor<double> a = RowMajor<double>::Identity(n, n);
    a(bad, bad) = -1.0;
    CHECK(factor_cholesky<double>(view(a)) == bad);
    a = RowMajor<double>::Identity(n, n);
    a(bad, bad) = std::numeric_limits<double>::quiet_NaN();
    CHECK(factor_cholesky<double>(view(a)) == bad);
    a = RowMajor<double>::Identity(n, n);
    a(bad, bad) = std::numeric_limits<double>::infinity();
    CHECK(factor_cholesky<double>(view(a)) == bad);
  }
  RowMajor<double> a = RowMajor<double>::Identity(n, n) * 0.25;
  CHECK(factor_cholesky<double>(view(a), 0.25) == 0);
  a = RowMajor<double>::Identity(n, n) * 0.25;
  CHECK(factor_cholesky<double>(view(a), 0.2) == n);
}

TEMPLATE_TEST_CASE("the factor is the same for any number of threads", "[linalg][cholesky]", float, double) {
  const std::int64_t n = 1000;
  const RowMajor<TestType> given = positive<TestType>(n, 11);
  std::vector<RowMajor<TestType>> factors;
  for (const int threads : {1, 2, 3, 7}) {
    const Threads scope(threads);
    factors.push_back(given);
    REQUIRE(factor_cholesky<TestType>(view(factors.back())) == n);
  }
  for (const auto& factor : factors) {
    CHECK(std::memcmp(factor.data(), factors[0].data(), sizeof(TestType) * n * n) == 0);
  }
}

TEST_CASE("a submatrix is factored in place", "[linalg][cholesky]") {
  RowMajor<double> whole = RowMajor<double>::Constant(70, 90, 5.0);
  const RowMajor<double> h = positive<double>(60, 4);
  whole.block(5, 7, 60, 60) = h;
  RowMajor<double> alone = h;
  REQUIRE(factor_cholesky<double>({whole.data() + 5 * 90 + 7, 60, 60, 90}) == 60);
  REQUIRE(factor_cholesky<double>(view(alone)) == 60);
  CHECK(whole.block(5, 7, 60, 60) == alone);
  CHECK(whole(4, 7) == 5.0);
  CHECK(whole(65, 10) == 5.0);
}

TEST_CASE("nothing is factored to nothing, and only square matrices are", "[linalg][cholesky]") {
  CHECK(factor_cholesky<float>({nullptr, 0, 0, 0}) == 0);
  float a[6] = {};
  CHECK_THROWS_AS(factor_cholesky<float>({a, 2, 3, 3}), spade::ShapeMismatch);
  CHECK_THROWS_WITH(factor_cholesky<float>({a, 2, 3, 3}),
                    "factor_cholesky: a matrix of shape [2, 3] is not square");
}

TEMPLATE_TEST_CASE("the inverse times the matrix is the identity", "[linalg][cholesky]", float, double) {
  const double epsilon = static_cast<double>(std::numeric_limits<TestType>::epsilon());
  for (const auto level : EveryLevel()) {
    for (const std::int64_t n : {1, 2, 11, 12, 13, 47, 48, 49, 97, 255, 256, 257, 530}) {
      CAPTURE(to_string(level), n);
      RowMajor<TestType> a = positive<TestType>(n, 9);
      const RowMajor<double> h = a.template cast<double>();
      REQUIRE(factor_cholesky<TestType>(view(a)) == n);
      RowMajor<TestType> inverse = RowMajor<TestType>::Constant(n, n, TestType(7));
      spade::linalg::invert_cholesky<TestType>(view(a), view(inverse));
      const RowMajor<double> product = inverse.template cast<double>() * h;
      REQUIRE((product - RowMajor<double>::Identity(n, n)).norm() < 2000 * epsilon * static_cast<double>(n));
      REQUIRE(inverse == inverse.transpose());
    }
  }
  RowMajor<TestType> square = RowMajor<TestType>::Identity(3, 3);
  RowMajor<TestType> other = RowMajor<TestType>::Identity(3, 2);
  CHECK_THROWS_AS(spade::linalg::invert_cholesky<TestType>(view(square), view(other)), spade::ShapeMismatch);
  CHECK_THROWS_WITH(spade::linalg::invert_cholesky<TestType>(view(square), view(other)),
                    "invert_cholesky: [3, 3] and [3, 2] are not square matrices of one size");
}

TEST_CASE("the inverse has the same bits for any number of threads", "[linalg][cholesky]") {
  const RowMajor<double> h = positive<double>(600, 10);
  std::vector<RowMajor<double>> results;
  for (const int threads : {1, 2, 3, 7}) {
    const Threads scope(threads);
    RowMajor<double> a = h;
    REQUIRE(factor_cholesky<double>(view(a)) == 600);
    results.emplace_back(600, 600);
    spade::linalg::invert_cholesky<double>(view(a), view(results.back()));
  }
  CHECK(results[1] == results[0]);
  CHECK(results[2] == results[0]);
}
