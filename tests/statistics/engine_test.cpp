// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Each way to gather on every case that it can do, also where GramAccumulator would choose another.
#include "statistics/engine.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <catch2/catch.hpp>

#include <spade/core/parallel.hpp>

#include "linalg/every_level.hpp"
#include "statistics/slow_gram.hpp"

namespace {

using namespace spade;
using slow::Case;
using Shape = std::vector<std::int64_t>;

using statistics::Gathering;
constexpr std::array ways{Gathering::Panels, Gathering::Shifts, Gathering::Spectra};

/// Sums of all copies, chunk by chunk, told of so many copies (0: unknown); nothing where this way cannot do it.
template <class T>
std::optional<std::vector<double>> gather(const Case& probe, const std::vector<T>& values, std::int64_t chunk,
                                          Gathering way, std::int64_t told) {
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
  const auto engine = way == Gathering::Panels ? statistics::panel_engine(layer, window, type, {})
                      : way == Gathering::Shifts
                          ? statistics::shift_engine(layer, window, part(0, 1), told)
                          : statistics::spectral_engine(layer, window, part(0, 1), told);
  if (!engine) return {};
  for (std::int64_t begin = 0; begin < probe.copies; begin += chunk)
    engine->add(part(begin, std::min(chunk, probe.copies - begin)), begin);
  const std::int64_t columns = probe.channels * probe.kernel_elements();
  std::vector<double> sums(static_cast<std::size_t>(probe.groups * columns * columns));
  engine->finish(sums, 2 / static_cast<double>(probe.copies));
  return sums;
}

/// The largest difference from the definition, relative to the largest entry; lower triangles are compared. 0 where
/// this way cannot do it.
template <class T>
double error(const Case& probe, const std::vector<double>& x, std::int64_t chunk, Gathering way) {
  const auto sums = gather(probe, std::vector<T>(x.begin(), x.end()), chunk, way, probe.copies);
  if (!sums) return 0;
  const auto expected = slow::gram(probe, x);
  const auto columns = static_cast<std::size_t>(probe.channels * probe.kernel_elements());
  double largest = 1e-300;
  double difference = 0;
  for (std::size_t g = 0; g < static_cast<std::size_t>(probe.groups); ++g) {
    for (std::size_t i = 0; i < columns; ++i) {
      for (std::size_t j = 0; j <= i; ++j) {
        const std::size_t at = (g * columns + i) * columns + j;
        largest = std::max(largest, std::abs(expected[at]));
        difference = std::max(difference, std::abs((*sums)[at] - expected[at]));
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
    {2, 3, 1, {11, 9}, {10, 10}, {1, 1}, {5, 5}, {4, 4}, {1, 1}},
    {2, 1, 2, {12, 7}, {10, 9}, {1, 1}, {5, 4}, {4, 4}, {1, 1}},
    {2, 1, 2, {1, 1}, {2, 2}, {1, 1}, {2, 2}, {2, 2}, {4, 4}}, // no element ever stands on the map
};

TEST_CASE("panels, shifted planes and Fourier transforms all give the Gram matrix of the definition",
          "[statistics]") {
  for (const auto level : tests::EveryLevel()) {
    CAPTURE(linalg::to_string(level));
    for (std::size_t i = 0; i < convolutions.size(); ++i) {
      CAPTURE(i);
      const auto x = slow::inputs(convolutions[i]);
      for (const auto way : ways) {
        CAPTURE(static_cast<int>(way));
        CHECK(error<double>(convolutions[i], x, 7, way) < 1e-14);
        CHECK(error<float>(convolutions[i], x, 7, way) < 5e-7);
      }
    }
  }
}

TEST_CASE("Fourier transforms do whole convolutions in two dimensions, without a stride", "[statistics]") {
  const std::vector<std::size_t> expected{0, 1, 2, 3, 4, 5, 9, 10, 11, 13, 14};
  std::vector<std::size_t> done;
  for (std::size_t i = 0; i < convolutions.size(); ++i) {
    const auto x = slow::inputs(convolutions[i]);
    if (gather(convolutions[i], x, 7, Gathering::Spectra, convolutions[i].copies)) done.push_back(i);
  }
  CHECK(done == expected);
}

TEST_CASE("the way that is least work is taken", "[statistics]") {
  const auto chosen = [](const Case& probe, std::int64_t positions) {
    const auto layer = probe.layer();
    const auto window = statistics::window3(layer);
    const std::vector<float> values(static_cast<std::size_t>(probe.size()));
    const auto shape = probe.shape();
    const auto input = statistics::layer_input(layer, window, TensorView::owning(values, shape));
    return statistics::least_work(layer, window, input, 64, positions > 0 ? positions : input.positions());
  };
  const Case wide{1, 1, 128, {28, 28}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}};
  CHECK(chosen(wide, 0) == Gathering::Spectra);
  CHECK(chosen(wide, 20) == Gathering::Panels);
  CHECK(chosen({1, 1, 128, {4, 4}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}}, 0) == Gathering::Shifts);
  CHECK(chosen({1, 1, 48, {28, 28}, {3, 3}, {2, 2}, {1, 1}, {1, 1}, {1, 1}}, 0) == Gathering::Shifts);
  CHECK(chosen({1, 48, 1, {28, 28}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}}, 20) == Gathering::Shifts);
  CHECK(chosen({1, 1, 3, {28, 28}, {7, 7}, {2, 2}, {3, 3}, {3, 3}, {1, 1}}, 0) == Gathering::Panels);
  CHECK(chosen({1, 1, 128, {28, 28}, {1, 1}, {1, 1}, {0, 0}, {0, 0}, {1, 1}}, 0) == Gathering::Panels);
  CHECK(chosen({1, 1, 26, {14, 14}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}}, 0) == Gathering::Spectra);
}

TEST_CASE("the bits of every way depend neither on chunks nor on threads", "[statistics]") {
  // More copies than a panel of transforms holds, and more channels than a sliver.
  const Case probe{70, 1, 50, {6, 5}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}};
  const auto x = slow::inputs(probe);
  const std::vector<float> values(x.begin(), x.end());
  for (const auto way : ways) {
    CAPTURE(static_cast<int>(way));
    for (const std::int64_t told : {70, 0}) {
      set_thread_count(1);
      const auto expected = gather(probe, values, 70, way, told);
      for (const int threads : {1, 2, 3, 7}) {
        set_thread_count(threads);
        for (const std::int64_t chunk : {1, 7, 64, 70})
          CHECK(gather(probe, values, chunk, way, told) == expected);
      }
    }
  }
  set_thread_count(0);
}

TEST_CASE("a column that sees nothing of a plane is zero, and no norm is negative", "[statistics]") {
  // Of channel 1 only the last row is not zero, and no element in the kernel's first row of elements but sees it: with
  // padding of one they stop a row before. Channel 2 is zero but in a corner.
  const Case probe{5, 1, 3, {6, 7}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}};
  auto x = slow::inputs(probe);
  for (std::size_t copy = 0; copy < 5; ++copy) {
    for (std::size_t pixel = 0; pixel < 42; ++pixel) {
      if (pixel < 35) x[(copy * 3 + 1) * 42 + pixel] = 0;
      if (pixel > 0) x[(copy * 3 + 2) * 42 + pixel] = 0;
      x[(copy * 3 + 1) * 42 + pixel] *= 1000;
    }
  }
  const auto expected = slow::gram(probe, x);
  const std::vector<float> values(x.begin(), x.end());
  for (const auto way : ways) {
    CAPTURE(static_cast<int>(way));
    const auto sums = gather(probe, values, 5, way, 5);
    REQUIRE(sums);
    std::size_t zeros = 0;
    for (std::size_t i = 0; i < 27; ++i) {
      CHECK((*sums)[i * 27 + i] == Approx(expected[i * 27 + i]).epsilon(1e-6));
      if (expected[i * 27 + i] != 0) continue;
      ++zeros;
      for (std::size_t j = 0; j < 27; ++j)
        CHECK((*sums)[std::max(i, j) * 27 + std::min(i, j)] == 0);
    }
    CHECK(zeros == 8);
  }
}

TEST_CASE("channels may end anywhere in a sliver", "[statistics]") {
  for (const auto level : tests::EveryLevel()) {
    CAPTURE(linalg::to_string(level));
    for (const std::int64_t channels : {11, 12, 13, 47, 48, 49, 97}) {
      CAPTURE(channels);
      const Case whole{2, 1, channels, {3, 2}, {2, 2}, {1, 1}, {1, 0}, {0, 1}, {1, 1}};
      for (const auto way : {Gathering::Shifts, Gathering::Spectra})
        CHECK(error<float>(whole, slow::inputs(whole), 2, way) < 5e-7);
      const Case depthwise{2, channels, 1, {3, 4}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}};
      CHECK(error<float>(depthwise, slow::inputs(depthwise), 2, Gathering::Shifts) < 5e-7);
    }
  }
}

TEST_CASE("a large mean does not cost the sums their accuracy", "[statistics]") {
  const Case probe{70, 1, 2, {20, 20}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}};
  auto x = slow::inputs(probe);
  for (double& value : x)
    value = static_cast<float>(value + 100);
  for (const auto way : ways)
    CHECK(error<float>(probe, x, 32, way) < 5e-7);
}

} // namespace
