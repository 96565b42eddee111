// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Every kernel of products and factorisations, at every instruction set, against loops over elements.
#include "linalg/kernels.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <catch2/catch.hpp>

#include "linalg/every_level.hpp"
#include "support/random_matrix.hpp"

namespace {

using spade::linalg::kernels;
using spade::linalg::Kernels;
using spade::tests::EveryLevel;
using spade::tests::random_matrix;

template <class T> double tolerance(std::int64_t terms) {
  return 20 * static_cast<double>(std::numeric_limits<T>::epsilon()) * (1 + static_cast<double>(terms));
}

/// One, two, primes, and one about the strip, the sliver and its double.
template <class T> std::vector<std::int64_t> sizes(const Kernels<T>& kernel) {
  std::vector<std::int64_t> result{1, 2, 7};
  for (const std::int64_t size : {kernel.strip, kernel.sliver, 2 * kernel.sliver}) {
    for (const std::int64_t near : {size - 1, size, size + 1})
      result.push_back(near);
  }
  return result;
}

/// Element (row, p) of a packed matrix.
template <class T>
T& packed_at(std::vector<T>& packed, const Kernels<T>& kernel, std::int64_t depth, std::int64_t row,
             std::int64_t p) {
  const std::int64_t sliver = row / kernel.sliver;
  return packed[static_cast<std::size_t>((sliver * depth + p) * kernel.sliver + row % kernel.sliver)];
}

template <class T>
std::vector<T> packed(const Kernels<T>& kernel, const std::vector<T>& matrix, std::int64_t rows,
                      std::int64_t depth) {
  const std::int64_t slivers = (rows + kernel.sliver - 1) / kernel.sliver;
  std::vector<T> result(static_cast<std::size_t>(slivers * kernel.sliver * depth));
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t p = 0; p < depth; ++p)
      packed_at(result, kernel, depth, r, p) = matrix[static_cast<std::size_t>(r * depth + p)];
  return result;
}

} // namespace

TEMPLATE_TEST_CASE("a sliver is packed from any strides, filled up with zeros, and unpacked",
                   "[linalg][kernels]", float, double) {
  for (const auto level : EveryLevel()) {
    const auto& kernel = kernels<TestType>();
    for (const std::int64_t depth : sizes(kernel)) {
      for (const std::int64_t rows : {std::int64_t{1}, kernel.sliver - 1, kernel.sliver}) {
        CAPTURE(to_string(level), rows, depth);
        const auto matrix = random_matrix<TestType>(rows, depth, 3);
        const auto expected = packed(kernel, matrix, rows, depth);
        std::vector<TestType> transposed(matrix.size());
        for (std::int64_t r = 0; r < rows; ++r)
          for (std::int64_t p = 0; p < depth; ++p)
            transposed[static_cast<std::size_t>(p * rows + r)] =
                matrix[static_cast<std::size_t>(r * depth + p)];
        std::vector<TestType> backwards(matrix.rbegin(), matrix.rend());
        std::vector<TestType> transposed_backwards(transposed.rbegin(), transposed.rend());
        std::vector<TestType> sliver(expected.size(), TestType{9});
        kernel.pack(rows, depth, matrix.data(), depth, 1, sliver.data());
        CHECK(sliver == expected);
        kernel.pack(rows, depth, transposed.data(), 1, rows, sliver.data());
        CHECK(sliver == expected);
        const auto last = static_cast<std::ptrdiff_t>(matrix.size()) - 1;
        kernel.pack(rows, depth, backwards.data() + last, -depth, -1, sliver.data());
        CHECK(sliver == expected);
        kernel.pack(rows, depth, transposed_backwards.data() + last, -1, -rows, sliver.data());
        CHECK(sliver == expected);

        const std::int64_t stride = depth + 3;
        std::vector<TestType> back(static_cast<std::size_t>(rows * stride), TestType{5});
        kernel.unpack(rows, depth, sliver.data(), back.data(), stride);
        for (std::int64_t r = 0; r < rows; ++r)
          for (std::int64_t p = 0; p < stride; ++p) {
            const auto wanted = p < depth ? matrix[static_cast<std::size_t>(r * depth + p)] : TestType{5};
            REQUIRE(back[static_cast<std::size_t>(r * stride + p)] == wanted);
          }
      }
    }
  }
}

TEMPLATE_TEST_CASE("products touch the asked elements and no others", "[linalg][kernels]", float, double) {
  for (const auto level : EveryLevel()) {
    const auto& kernel = kernels<TestType>();
    const std::int64_t depth = 13;
    for (const std::int64_t n : sizes(kernel)) {
      const std::int64_t row_begin = n > kernel.strip ? kernel.strip : 0;
      const std::int64_t column_begin = n > kernel.sliver ? kernel.sliver : 0;
      for (const bool lower : {false, true}) {
        CAPTURE(to_string(level), n, lower);
        const auto a = random_matrix<TestType>(n, depth, 4);
        const auto b = random_matrix<TestType>(n, depth, 5);
        const auto packed_a = packed(kernel, a, n, depth);
        const auto packed_b = packed(kernel, b, n, depth);
        const std::int64_t stride = n + 2;
        const auto before = random_matrix<TestType>(n, stride, 6);
        auto c = before;
        kernel.multiply_add(depth, TestType{-2}, packed_a.data(), row_begin, n, packed_b.data(), column_begin,
                            n, c.data(), stride, lower);
        for (std::int64_t i = 0; i < n; ++i)
          for (std::int64_t j = 0; j < stride; ++j) {
            const auto at = static_cast<std::size_t>(i * stride + j);
            if (i < row_begin || j < column_begin || j >= n || (lower && j > i)) {
              REQUIRE(c[at] == before[at]);
              continue;
            }
            double sum = 0;
            for (std::int64_t p = 0; p < depth; ++p)
              sum += static_cast<double>(a[static_cast<std::size_t>(i * depth + p)]) *
                     static_cast<double>(b[static_cast<std::size_t>(j * depth + p)]);
            REQUIRE(std::abs(static_cast<double>(c[at]) - (static_cast<double>(before[at]) - 2 * sum)) <
                    tolerance<TestType>(depth));
          }
      }
    }
  }
}

TEMPLATE_TEST_CASE("rows of two slivers are multiplied one by one", "[linalg][kernels]", float, double) {
  for (const auto level : EveryLevel()) {
    const auto& kernel = kernels<TestType>();
    for (const std::int64_t depth : {0, 1, 2, 31}) {
      CAPTURE(to_string(level), depth);
      const auto a = random_matrix<TestType>(depth, kernel.sliver, 7);
      const auto b = random_matrix<TestType>(depth, kernel.sliver, 8);
      const auto before = random_matrix<TestType>(1, kernel.sliver, 9);
      auto sums = before;
      kernel.multiply_add_rows(depth, a.data(), b.data(), sums.data());
      for (std::int64_t r = 0; r < kernel.sliver; ++r) {
        auto expected = static_cast<double>(before[static_cast<std::size_t>(r)]);
        for (std::int64_t p = 0; p < depth; ++p) {
          const auto at = static_cast<std::size_t>(p * kernel.sliver + r);
          expected += static_cast<double>(a[at]) * static_cast<double>(b[at]);
        }
        REQUIRE(std::abs(static_cast<double>(sums[static_cast<std::size_t>(r)]) - expected) <
                tolerance<TestType>(depth));
      }
    }
  }
}

TEMPLATE_TEST_CASE("a sliver agrees with a matrix whose elements are as near as asked", "[linalg][kernels]",
                   float, double) {
  for (const auto level : EveryLevel()) {
    const auto& kernel = kernels<TestType>();
    for (const std::int64_t depth : {1, 2, 15, 16, 17, 31}) {
      CAPTURE(to_string(level), depth);
      const std::int64_t stride = kernel.sliver + 5;
      const auto y = random_matrix<TestType>(depth, stride, 7);
      std::vector<TestType> x;
      for (std::int64_t p = 0; p < depth; ++p)
        x.insert(x.end(), y.begin() + p * stride, y.begin() + p * stride + kernel.sliver);
      std::vector<TestType> x_norms;
      for (std::int64_t r = 0; r < kernel.sliver; ++r)
        x_norms.push_back(static_cast<TestType>(1 + r));
      std::vector<TestType> y_norms;
      for (std::int64_t p = 0; p < depth; ++p)
        y_norms.push_back(static_cast<TestType>(2 + p));
      const auto agrees = [&](double tolerance) {
        return kernel.agree(depth, static_cast<TestType>(tolerance), x.data(), x_norms.data(), y.data(),
                            stride, y_norms.data());
      };
      REQUIRE(agrees(0));
      for (std::int64_t p = 0; p < depth; ++p) {
        for (std::int64_t r = 0; r < kernel.sliver; ++r) {
          TestType& element = x[static_cast<std::size_t>(p * kernel.sliver + r)];
          const TestType before = element;
          const auto norm = static_cast<TestType>((1 + r) * (2 + p));
          for (const int sign : {-1, 1}) {
            element = before + static_cast<TestType>(sign) * norm;
            REQUIRE(agrees(1.01));
            REQUIRE(!agrees(0.99));
          }
          element = std::numeric_limits<TestType>::quiet_NaN();
          REQUIRE(!agrees(100));
          element = before;
        }
      }
    }
  }
}

TEMPLATE_TEST_CASE("a sliver is solved against a packed factor, from any strip on", "[linalg][kernels]",
                   float, double) {
  for (const auto level : EveryLevel()) {
    const auto& kernel = kernels<TestType>();
    for (const std::int64_t n : sizes(kernel)) {
      for (const std::int64_t first : {std::int64_t{0}, kernel.strip}) {
        if (first >= n) continue;
        CAPTURE(to_string(level), n, first);
        auto l = random_matrix<TestType>(n, n, 10);
        std::vector<TestType> reciprocals;
        for (std::int64_t i = 0; i < n; ++i) {
          for (std::int64_t j = 0; j < i; ++j)
            l[static_cast<std::size_t>(i * n + j)] /= static_cast<TestType>(n);
          l[static_cast<std::size_t>(i * n + i)] = static_cast<TestType>(1 + i % 3);
          reciprocals.push_back(TestType{1} / l[static_cast<std::size_t>(i * n + i)]);
        }
        auto x = random_matrix<TestType>(n, kernel.sliver, 11); // column p of the sliver in row p
        std::fill_n(x.begin(), first * kernel.sliver, TestType{0});
        std::vector<double> expected(x.begin(), x.end());
        for (std::int64_t r = 0; r < kernel.sliver; ++r)
          for (std::int64_t p = 0; p < n; ++p) {
            double& value = expected[static_cast<std::size_t>(p * kernel.sliver + r)];
            for (std::int64_t k = 0; k < p; ++k)
              value -= static_cast<double>(l[static_cast<std::size_t>(p * n + k)]) *
                       expected[static_cast<std::size_t>(k * kernel.sliver + r)];
            value /= static_cast<double>(l[static_cast<std::size_t>(p * n + p)]);
          }
        const auto packed_l = packed(kernel, l, n, n);
        kernel.solve(first, n, packed_l.data(), reciprocals.data(), x.data());
        for (std::size_t i = 0; i < x.size(); ++i)
          REQUIRE(std::abs(static_cast<double>(x[i]) - expected[i]) < tolerance<TestType>(n));
      }
    }
  }
}

TEMPLATE_TEST_CASE("a sliver's worth is factored, or stops at the pivot that fails", "[linalg][kernels]",
                   float, double) {
  for (const auto level : EveryLevel()) {
    const auto& kernel = kernels<TestType>();
    for (const std::int64_t n : {std::int64_t{1}, std::int64_t{2}, kernel.sliver - 1, kernel.sliver}) {
      CAPTURE(to_string(level), n);
      const std::int64_t stride = n + 1;
      auto a = random_matrix<TestType>(n, stride, 12);
      for (std::int64_t i = 0; i < n; ++i)
        a[static_cast<std::size_t>(i * stride + i)] = static_cast<TestType>(4 * n);
      const auto given = a;
      std::vector<TestType> reciprocals(static_cast<std::size_t>(n));
      REQUIRE(kernel.factor(n, TestType{0}, a.data(), stride, reciprocals.data()) == n);
      for (std::int64_t i = 0; i < n; ++i) {
        for (std::int64_t j = 0; j <= i; ++j) {
          double sum = 0;
          for (std::int64_t k = 0; k <= j; ++k)
            sum += static_cast<double>(a[static_cast<std::size_t>(i * stride + k)]) *
                   static_cast<double>(a[static_cast<std::size_t>(j * stride + k)]);
          const auto wanted = static_cast<double>(given[static_cast<std::size_t>(i * stride + j)]);
          REQUIRE(std::abs(sum - wanted) < 4 * static_cast<double>(n) * tolerance<TestType>(1));
        }
        for (std::int64_t j = i + 1; j < stride; ++j) {
          const auto at = static_cast<std::size_t>(i * stride + j);
          REQUIRE(a[at] == given[at]);
        }
        const auto pivot = a[static_cast<std::size_t>(i * stride + i)];
        REQUIRE(reciprocals[static_cast<std::size_t>(i)] == Approx(TestType{1} / pivot));
      }
      for (const TestType bad : {TestType{-1}, std::numeric_limits<TestType>::quiet_NaN(),
                                 std::numeric_limits<TestType>::infinity()}) {
        auto broken = given;
        broken[static_cast<std::size_t>((n - 1) * stride + n - 1)] = bad;
        CHECK(kernel.factor(n, TestType{0}, broken.data(), stride, reciprocals.data()) == n - 1);
      }
      auto small = given;
      CHECK(kernel.factor(n, static_cast<TestType>(4 * n), small.data(), stride, reciprocals.data()) == 0);
    }
  }
}
