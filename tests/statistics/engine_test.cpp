// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Each way to gather on every case that it can do, also where GramAccumulator would choose another.
#include "statistics/engine.hpp"

#include <algorithm>
#include <cmath>

#include <catch2/catch.hpp>

#include "linalg/every_level.hpp"
#include "statistics/slow_gram.hpp"

namespace {

using namespace spade;
using slow::Case;
using Shape = std::vector<std::int64_t>;

/// The largest difference from the definition, relative to the largest entry; lower triangles are compared.
template <class T>
double error(const Case& probe, const std::vector<double>& exact, std::int64_t chunk, bool shifted) {
  const auto x = exact.empty() ? slow::inputs(probe) : exact;
  const std::vector<T> values(x.begin(), x.end());
  const auto layer = probe.layer();
  const auto window = statistics::window3(layer);
  const auto part = [&](std::int64_t begin, std::int64_t count) {
    Shape shape = probe.shape();
    shape[0] = count;
    Shape strides(shape.size(), 1);
    for (std::size_t d = shape.size() - 1; d > 0; --d)
      strides[d - 1] = strides[d] * shape[d];
    return statistics::layer_input(layer, window,
                                   TensorView(values.data() + begin * strides[0], shape, strides));
  };
  const auto type = sizeof(T) == 4 ? ScalarType::Float32 : ScalarType::Float64;
  const auto engine = shifted ? statistics::shift_engine(layer, window, part(0, 1), probe.copies)
                              : statistics::panel_engine(layer, window, type, {});
  for (std::int64_t begin = 0; begin < probe.copies; begin += chunk) {
    engine->add(part(begin, std::min(chunk, probe.copies - begin)), begin);
  }
  const auto expected = slow::gram(probe, x);
  std::vector<double> sums(expected.size());
  engine->finish(sums, 2 / static_cast<double>(probe.copies));
  const auto columns = static_cast<std::size_t>(probe.channels * probe.kernel_elements());
  double largest = 1e-300;
  double difference = 0;
  for (std::size_t g = 0; g < static_cast<std::size_t>(probe.groups); ++g) {
    for (std::size_t i = 0; i < columns; ++i) {
      for (std::size_t j = 0; j <= i; ++j) {
        const std::size_t at = (g * columns + i) * columns + j;
        largest = std::max(largest, std::abs(expected[at]));
        difference = std::max(difference, std::abs(sums[at] - expected[at]));
      }
    }
  }
  return difference / largest;
}

const std::vector<Case> convolutions{
    {1, 1, 1, {1, 1}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}},
    {3, 1, 2, {2, 2}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}},
    {3, 1, 2, {2, 3}, {5, 5}, {1, 1}, {2, 2}, {2, 2}, {1, 1}},
    {2, 1, 3, {6, 5}, {3, 3}, {1, 1}, {0, 0}, {0, 0}, {1, 1}},
    {2, 1, 3, {6, 5}, {3, 3}, {1, 1}, {2, 2}, {2, 2}, {1, 1}},
    {2, 1, 3, {6, 5}, {3, 3}, {1, 1}, {0, 2}, {1, 0}, {1, 1}},
    {40, 1, 3, {9, 8}, {3, 3}, {2, 2}, {1, 1}, {1, 1}, {1, 1}},
    {2, 1, 2, {9, 9}, {3, 3}, {3, 1}, {1, 1}, {1, 1}, {1, 1}},
    {2, 1, 2, {9, 9}, {2, 3}, {4, 2}, {3, 1}, {0, 1}, {1, 1}},
    {2, 1, 3, {9, 8}, {3, 3}, {1, 1}, {2, 2}, {2, 2}, {2, 2}},
    {2, 1, 3, {12, 11}, {3, 2}, {1, 1}, {2, 0}, {2, 0}, {2, 1}},
    {2, 1, 2, {8, 8}, {4, 4}, {1, 1}, {1, 1}, {2, 2}, {1, 1}},
    {2, 1, 3, {11, 13}, {7, 7}, {2, 2}, {3, 3}, {3, 3}, {1, 1}},
    {2, 1, 2, {67, 71}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}},
    {300, 1, 2, {4, 4}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}},
    {5, 1, 3, {17}, {4}, {2}, {3}, {0}, {2}},
    {2, 1, 2, {4, 5, 6}, {3, 3, 3}, {1, 1, 1}, {1, 1, 1}, {1, 1, 1}, {1, 1, 1}},
    {2, 1, 2, {4, 5, 6}, {2, 3, 1}, {2, 1, 1}, {0, 1, 0}, {1, 1, 0}, {1, 2, 1}},
    {3, 5, 1, {6, 6}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}},
    {3, 5, 1, {7, 6}, {3, 3}, {2, 2}, {1, 1}, {1, 1}, {1, 1}},
    {3, 4, 1, {7, 7}, {7, 7}, {1, 1}, {3, 3}, {3, 3}, {1, 1}},
};

TEST_CASE("panels and shifted planes both give the Gram matrix of the definition", "[statistics]") {
  for (const auto level : tests::EveryLevel()) {
    CAPTURE(linalg::to_string(level));
    for (std::size_t i = 0; i < convolutions.size(); ++i) {
      CAPTURE(i);
      for (const bool shifted : {false, true}) {
        CHECK(error<double>(convolutions[i], {}, 7, shifted) < 1e-14);
        CHECK(error<float>(convolutions[i], {}, 7, shifted) < 5e-7);
      }
    }
  }
}

TEST_CASE("channels may end anywhere in a sliver", "[statistics]") {
  for (const auto level : tests::EveryLevel()) {
    CAPTURE(linalg::to_string(level));
    for (const std::int64_t channels : {11, 12, 13, 47, 48, 49, 97}) {
      CAPTURE(channels);
      CHECK(error<float>({2, 1, channels, {3, 2}, {2, 2}, {1, 1}, {1, 0}, {0, 1}, {1, 1}}, {}, 2, true) <
            5e-7);
      CHECK(error<float>({2, channels, 1, {3, 4}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}}, {}, 2, true) <
            5e-7);
    }
  }
}

TEST_CASE("a large mean does not cost the sums their accuracy", "[statistics]") {
  const Case probe{70, 1, 2, {20, 20}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}};
  auto x = slow::inputs(probe);
  for (double& value : x)
    value = static_cast<float>(value + 100);
  for (const bool shifted : {false, true})
    CHECK(error<float>(probe, x, 32, shifted) < 5e-7);
}

} // namespace
