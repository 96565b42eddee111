// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// The kernels of the sweep and of the elimination, at every instruction set, against loops over elements.
#include "linalg/kernels.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <catch2/catch.hpp>

#include "linalg/every_level.hpp"
#include "support/random_matrix.hpp"

namespace {

using spade::linalg::EliminationStep;
using spade::linalg::kernels;
using spade::linalg::SweepPanel;
using spade::linalg::SweepSums;
using spade::tests::EveryLevel;
using spade::tests::random_matrix;

template <class T> double near(std::int64_t terms) {
  return 50 * static_cast<double>(std::numeric_limits<T>::epsilon()) * (1 + static_cast<double>(terms));
}

template <class T> std::vector<double> doubles(const std::vector<T>& values) {
  return {values.begin(), values.end()};
}

template <class T>
void check_near(const std::vector<T>& values, const std::vector<double>& expected, double by) {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CAPTURE(i);
    REQUIRE(std::abs(static_cast<double>(values[i]) - expected[i]) < by);
  }
}

} // namespace

TEMPLATE_TEST_CASE("a sliver of products is accumulated", "[linalg][kernels]", float, double) {
  for (const auto level : EveryLevel()) {
    const auto& kernel = kernels<TestType>();
    for (const std::int64_t depth : {1, 2, 17}) {
      for (const std::int64_t width : {std::int64_t{1}, std::int64_t{2}, kernel.strip - 1, kernel.strip,
                                       kernel.strip + 1, std::int64_t{31}}) {
        if (width == 0) continue;
        CAPTURE(to_string(level), depth, width);
        const std::int64_t stride = width + kernel.strip;
        const auto x = random_matrix<TestType>(depth, kernel.sliver, 1);
        const auto m = random_matrix<TestType>(depth, stride, 2);
        auto z = random_matrix<TestType>(width + 1, kernel.sliver, 3); // one column more, to be left alone
        auto expected = doubles(z);
        for (std::int64_t c = 0; c < width; ++c)
          for (std::int64_t r = 0; r < kernel.sliver; ++r)
            for (std::int64_t p = 0; p < depth; ++p)
              expected[static_cast<std::size_t>(c * kernel.sliver + r)] +=
                  static_cast<double>(x[static_cast<std::size_t>(p * kernel.sliver + r)]) *
                  static_cast<double>(m[static_cast<std::size_t>(p * stride + c)]);
        kernel.accumulate(depth, width, x.data(), m.data(), stride, z.data());
        check_near(z, expected, near<TestType>(depth));
      }
    }
  }
}

TEMPLATE_TEST_CASE("columns are scored and eliminated as the sweep says", "[linalg][kernels]", float,
                   double) {
  constexpr std::int64_t width = 11;
  constexpr std::int64_t first = 2; // Z has everything before this column
  constexpr std::int64_t begin = 4;
  constexpr std::int64_t end = 9;
  for (const auto level : EveryLevel()) {
    CAPTURE(to_string(level));
    const auto& kernel = kernels<TestType>();
    auto m = random_matrix<TestType>(width, width, 4);
    std::vector<TestType> reciprocals;
    for (std::int64_t j = 0; j < width; ++j) {
      m[static_cast<std::size_t>(j * width + j)] = static_cast<TestType>(2 + j % 3);
      reciprocals.push_back(TestType{1} / m[static_cast<std::size_t>(j * width + j)]);
    }
    auto weights = random_matrix<TestType>(width, kernel.sliver, 5);
    auto z = random_matrix<TestType>(width, kernel.sliver, 6);
    auto d = random_matrix<TestType>(width, kernel.sliver, 7);
    const auto w = doubles(weights);
    const auto z_before = doubles(z);
    auto difference = doubles(d);
    const auto at = [&](std::int64_t column, std::int64_t row) {
      return static_cast<std::size_t>(column * kernel.sliver + row);
    };
    const auto element = [&](std::int64_t i, std::int64_t j) {
      return static_cast<double>(m[static_cast<std::size_t>(i * width + j)]);
    };
    const SweepPanel<TestType> panel{m.data(), width, reciprocals.data(), weights.data(), z.data(), d.data()};
    std::vector<TestType> scores(static_cast<std::size_t>((end - begin) * kernel.sliver));
    kernel.score(panel, first, begin, end, scores.data());
    // Z D-weighted by definition; within the block as if nothing were removed.
    auto z_now = z_before;
    std::vector<double> wanted(scores.size());
    auto unpruned = difference;
    for (std::int64_t r = 0; r < kernel.sliver; ++r) {
      for (std::int64_t j = begin; j < end; ++j) {
        for (std::int64_t i = first; i < begin; ++i)
          z_now[at(j, r)] += difference[at(i, r)] * element(i, j);
        double sum = z_now[at(j, r)];
        for (std::int64_t i = begin; i < j; ++i)
          sum += unpruned[at(i, r)] * element(i, j);
        unpruned[at(j, r)] = -sum / element(j, j);
        wanted[at(j - begin, r)] = std::abs((w[at(j, r)] + sum / element(j, j)) * element(j, j));
      }
    }
    check_near(z, z_now, near<TestType>(20));
    check_near(scores, wanted, near<TestType>(20));
    check_near(d, unpruned, near<TestType>(20));

    auto sorted = scores;
    std::sort(sorted.begin(), sorted.end());
    const TestType threshold = sorted[sorted.size() / 2];
    SweepSums sums{1.0, 2.0};
    kernel.eliminate(panel, begin, end, scores.data(), threshold, sums);
    double loss = 1.0;
    double distance = 2.0;
    auto left = w;
    for (std::int64_t r = 0; r < kernel.sliver; ++r) {
      for (std::int64_t j = begin; j < end; ++j) {
        double sum = z_now[at(j, r)];
        for (std::int64_t i = begin; i < j; ++i)
          sum += difference[at(i, r)] * element(i, j);
        const double current = w[at(j, r)] + sum / element(j, j);
        left[at(j, r)] = scores[at(j - begin, r)] <= threshold ? 0.0 : current;
        difference[at(j, r)] = w[at(j, r)] - left[at(j, r)];
        loss += std::pow((current - left[at(j, r)]) * element(j, j), 2);
        distance += std::pow(difference[at(j, r)], 2);
      }
    }
    check_near(weights, left, near<TestType>(50));
    check_near(d, difference, near<TestType>(50));
    CHECK(sums.loss == Approx(loss).epsilon(near<TestType>(50)));
    CHECK(sums.distance == Approx(distance).epsilon(near<TestType>(50)));
    for (std::int64_t r = 0; r < kernel.sliver; ++r)
      for (std::int64_t j = begin; j < end; ++j)
        REQUIRE((weights[at(j, r)] == 0) == (scores[at(j - begin, r)] <= threshold));
  }
}

TEMPLATE_TEST_CASE("a threshold has k values up to it, or the fewest over k", "[linalg][kernels]", float,
                   double) {
  for (const auto level : EveryLevel()) {
    const auto& kernel = kernels<TestType>();
    for (const std::int64_t count : {std::int64_t{1}, std::int64_t{2}, std::int64_t{101}, kernel.sliver - 1,
                                     kernel.sliver, kernel.sliver + 1}) {
      auto values = random_matrix<TestType>(count, 1, 8);
      for (auto& value : values)
        value = std::abs(value);
      if (count > 5) values[3] = values[4] = values[0];
      auto sorted = values;
      std::sort(sorted.begin(), sorted.end());
      for (const std::int64_t k : {std::int64_t{1}, (count + 1) / 2, count}) {
        CAPTURE(to_string(level), count, k);
        const auto threshold = kernel.threshold(count, values.data(), k);
        const auto kth = sorted[static_cast<std::size_t>(k - 1)];
        const auto upto = [&](TestType limit) {
          return std::count_if(values.begin(), values.end(), [&](TestType v) { return v <= limit; });
        };
        CHECK(upto(threshold) == upto(kth));
        CHECK(threshold >= kth);
      }
    }
    const std::vector<TestType> odd{TestType{0}, std::numeric_limits<TestType>::quiet_NaN(), TestType{0},
                                    std::numeric_limits<TestType>::denorm_min(), TestType{2}};
    CHECK(kernel.threshold(5, odd.data(), 1) == TestType{0});
    CHECK(kernel.threshold(5, odd.data(), 4) >= TestType{2});
  }
}

TEMPLATE_TEST_CASE("a step of the elimination is what its definition says", "[linalg][kernels]", float,
                   double) {
  for (const auto level : EveryLevel()) {
    const auto& kernel = kernels<TestType>();
    for (const std::int64_t depth : {0, 1, 2, 5}) {
      for (const std::int64_t slivers : {1, 3}) {
        for (const TestType sign : {TestType{1}, TestType{-1}}) {
          CAPTURE(to_string(level), depth, slivers, sign);
          const std::int64_t rows = slivers * kernel.sliver;
          const std::int64_t capacity = 7;
          auto v = random_matrix<TestType>(rows, capacity, 11);
          const auto v_before = v;
          const auto coefficients = random_matrix<TestType>(1, depth + 1, 12);
          auto column = random_matrix<TestType>(1, rows, 13);
          std::vector<TestType> alive(static_cast<std::size_t>(rows), TestType{1});
          alive[2] = TestType{0};
          auto y = random_matrix<TestType>(1, rows, 14);
          auto d = random_matrix<TestType>(1, rows, 15);
          for (auto& each : d)
            each = TestType{30} + each;
          d[1] = static_cast<TestType>(1e-3); // is held up
          y[2] = std::numeric_limits<TestType>::infinity();
          const TestType reciprocal{0.5};
          const TestType change{0.25};
          const TestType smallest{0.125};
          auto wanted_y = doubles(y);
          auto wanted_d = doubles(d);
          auto wanted_v = doubles(column);
          std::int64_t best = -1;
          double lowest = std::numeric_limits<double>::infinity();
          for (std::int64_t r = 0; r < rows; ++r) {
            const auto i = static_cast<std::size_t>(r);
            for (std::int64_t p = 0; p < depth; ++p)
              wanted_v[i] -= static_cast<double>(
                                 v[static_cast<std::size_t>(r / kernel.sliver * kernel.sliver * capacity +
                                                            p * kernel.sliver + r % kernel.sliver)]) *
                             static_cast<double>(coefficients[static_cast<std::size_t>(p)]);
            wanted_v[i] *= 0.5 * static_cast<double>(alive[i]);
            wanted_y[i] -= 0.25 * wanted_v[i];
            wanted_d[i] = std::max(wanted_d[i] - wanted_v[i] * wanted_v[i], 0.125);
            const double score = static_cast<double>(sign) * wanted_y[i] * wanted_y[i] / wanted_d[i];
            if (alive[i] != 0 && score < lowest) {
              lowest = score;
              best = r;
            }
          }
          if (sign < 0) y[2] = std::numeric_limits<TestType>::quiet_NaN(); // minus infinity would be least
          const EliminationStep<TestType> step{
              slivers,       depth,        capacity, v.data(), coefficients.data(),
              column.data(), alive.data(), y.data(), d.data(), reciprocal,
              change,        smallest,     sign};
          const auto choice = kernel.eliminate_step(step);
          CHECK(choice.row == best);
          CHECK(static_cast<double>(choice.score) == Approx(lowest).epsilon(1e3 * near<TestType>(1)));
          y[2] = TestType{0};
          wanted_y[2] = 0;
          check_near(y, wanted_y, near<TestType>(20));
          check_near(d, wanted_d, 30 * near<TestType>(20));
          check_near(column, wanted_v, near<TestType>(20));
          for (std::int64_t r = 0; r < rows; ++r)
            for (std::int64_t p = 0; p < capacity; ++p) {
              const auto place = static_cast<std::size_t>(r / kernel.sliver * kernel.sliver * capacity +
                                                          p * kernel.sliver + r % kernel.sliver);
              const auto wanted = p == depth ? column[static_cast<std::size_t>(r)] : v_before[place];
              REQUIRE(v[place] == wanted);
            }
        }
      }
    }
  }
}

TEMPLATE_TEST_CASE("what is alive moves together, in order and in place", "[linalg][kernels]", float,
                   double) {
  for (const auto level : EveryLevel()) {
    const auto& kernel = kernels<TestType>();
    for (const std::int64_t count : {std::int64_t{1}, std::int64_t{2}, std::int64_t{31}, kernel.sliver - 1,
                                     kernel.sliver, kernel.sliver + 1}) {
      for (const std::uint64_t seed : {21, 22, 23}) {
        CAPTURE(to_string(level), count, seed);
        const std::int64_t room = (count + kernel.sliver - 1) / kernel.sliver * kernel.sliver;
        auto values = random_matrix<TestType>(1, room, seed);
        auto alive = random_matrix<TestType>(1, room, seed + 10);
        std::vector<TestType> expected;
        for (std::int64_t i = 0; i < room; ++i) {
          const auto at = static_cast<std::size_t>(i);
          alive[at] = alive[at] > 0 && i < count ? TestType{1} : TestType{0};
          if (alive[at] != 0) expected.push_back(values[at]);
        }
        std::vector<TestType> apart(static_cast<std::size_t>(room));
        kernel.compress(count, values.data(), alive.data(), apart.data());
        CHECK(std::equal(expected.begin(), expected.end(), apart.begin()));
        kernel.compress(count, values.data(), alive.data(), values.data());
        CHECK(std::equal(expected.begin(), expected.end(), values.begin()));
      }
    }
  }
}
