// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "statistics/plane_transform.hpp"

#include <cmath>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <vector>

#include <catch2/catch.hpp>

#include "linalg/every_level.hpp"
#include "statistics/slow_gram.hpp"

namespace {

using namespace spade;
using statistics::PlaneTransform;
using statistics::TransformShape;

/// The definition, one term at a time.
std::complex<double> slow_transform(const double* plane, const TransformShape& shape, std::int64_t f,
                                    std::int64_t k) {
  std::complex<double> sum = 0;
  for (std::int64_t y = 0; y < shape.extents[0]; ++y) {
    for (std::int64_t x = 0; x < shape.extents[1]; ++x) {
      const double turns = static_cast<double>(f * y) / static_cast<double>(shape.size(0)) +
                           static_cast<double>(k * x) / static_cast<double>(shape.size(1));
      sum += plane[y * shape.extents[1] + x] * std::polar(1.0, -2 * std::numbers::pi * turns);
    }
  }
  return sum;
}

TEST_CASE("planes are transformed as the definition says", "[statistics]") {
  for (const auto level : tests::EveryLevel()) {
    CAPTURE(linalg::to_string(level));
    const std::int64_t height = linalg::kernels<double>().sliver;
    for (const std::int64_t rows : {1, 2, 3, 7, 8}) {
      for (const std::int64_t columns : {1, 2, 5, 16}) {
        for (const std::int64_t lag : {0, 1, 2, 9}) {
          CAPTURE(rows, columns, lag);
          const TransformShape shape{{rows, columns}, {lag, lag}};
          const std::int64_t channels = height - 1;
          const auto x = slow::inputs({1, 1, channels, {rows, columns}, {1, 1}});
          const PlaneTransform<double> transform(shape);
          // Two slots for every frequency, of which the second is written; the last channel of a sliver is none.
          const std::int64_t step = 4 * height;
          const std::int64_t count = shape.half(1) * shape.size(0);
          std::vector<double> result(static_cast<std::size_t>(count * step), -7);
          std::vector<double> workspace(static_cast<std::size_t>(transform.workspace()));
          transform(x.data(), {rows * columns, columns, 1}, channels, result.data() + 2 * height, step,
                    workspace.data());
          double worst = 0;
          for (std::int64_t k = 0; k < shape.half(1); ++k) {
            for (std::int64_t f = 0; f < shape.rows(k); ++f) {
              const double* values = result.data() + (k * shape.size(0) + f) * step;
              CHECK(values[0] == -7);
              CHECK(values[3 * height - 1] == 0);
              for (std::int64_t c = 0; c < channels; ++c) {
                const auto expected = slow_transform(x.data() + c * rows * columns, shape, f, k);
                const std::complex<double> actual{values[2 * height + c], values[3 * height + c]};
                worst = std::max(worst, std::abs(actual - expected));
              }
            }
          }
          CHECK(worst < 1e-12);
        }
      }
    }
  }
}

} // namespace
