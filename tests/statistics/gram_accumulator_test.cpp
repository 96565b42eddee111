// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/statistics/gram_accumulator.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include <catch2/catch.hpp>

#include <spade/core/error.hpp>
#include <spade/core/parallel.hpp>

#include "statistics/slow_gram.hpp"

namespace {

using namespace spade;
using Catch::Matchers::Contains;
using slow::Case;
using statistics::GramAccumulator;
using Shape = std::vector<std::int64_t>;

std::vector<float> to_float(const std::vector<double>& values) {
  return {values.begin(), values.end()};
}

Shape row_major(const Shape& shape) {
  Shape strides(shape.size(), 1);
  for (std::size_t d = shape.size() - 1; d > 0; --d)
    strides[d - 1] = strides[d] * shape[d];
  return strides;
}

/// Feeds the inputs in chunks of so many copies.
template <class T>
LayerProblem gather(const Case& probe, const std::vector<T>& x, std::int64_t chunk,
                    GramAccumulator::Options options = {}) {
  GramAccumulator accumulator(probe.layer(), options);
  const Shape shape = probe.shape();
  for (std::int64_t begin = 0; begin < probe.copies; begin += chunk) {
    Shape part = shape;
    part[0] = std::min(chunk, probe.copies - begin);
    const auto offset = begin * (probe.size() / probe.copies);
    accumulator.add(TensorView(x.data() + offset, part, row_major(shape)));
  }
  return std::move(accumulator).finish();
}

/// Largest difference of two matrices, relative to the largest entry.
double difference(const std::vector<double>& a, const std::vector<double>& b) {
  REQUIRE(a.size() == b.size());
  double largest = 0;
  double result = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::abs(b[i]));
    result = std::max(result, std::abs(a[i] - b[i]));
  }
  return largest == 0 ? result : result / largest;
}

Case conv(std::int64_t copies, std::int64_t groups, std::int64_t channels, Shape extents, Shape kernel,
          Shape stride, Shape before, Shape after, Shape dilation) {
  return {copies, groups, channels, extents, kernel, stride, before, after, dilation};
}

/// Every kind of window, sizes of one, odd sizes, maps smaller than the kernel, and more positions than a
/// panel holds.
const std::vector<Case> cases{
    {1, 1, 1, {}},
    {3, 1, 7, {}},
    {511, 1, 5, {}},
    {513, 1, 3, {}},
    {4099, 1, 3, {}},
    {5, 1, 6, {4}},
    {2, 1, 3, {2, 5}},
    {2, 2, 3, {}},
    conv(3, 1, 4, {5, 6}, {1, 1}, {1, 1}, {0, 0}, {0, 0}, {1, 1}),
    conv(3, 1, 4, {5, 6}, {1, 1}, {2, 2}, {0, 0}, {0, 0}, {1, 1}),
    conv(2, 1, 3, {7, 7}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}),
    conv(3, 1, 2, {2, 2}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}),
    conv(3, 1, 2, {1, 1}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}),
    conv(2, 1, 2, {1, 9}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}),
    conv(2, 1, 3, {6, 5}, {3, 3}, {1, 1}, {0, 0}, {0, 0}, {1, 1}),
    conv(2, 1, 3, {6, 5}, {3, 3}, {1, 1}, {2, 2}, {2, 2}, {1, 1}),
    conv(2, 1, 3, {6, 5}, {3, 3}, {1, 1}, {0, 2}, {1, 0}, {1, 1}),
    conv(2, 1, 3, {9, 8}, {3, 3}, {2, 2}, {1, 1}, {1, 1}, {1, 1}),
    conv(2, 1, 2, {9, 9}, {3, 3}, {3, 1}, {1, 1}, {1, 1}, {1, 1}),
    conv(2, 1, 3, {9, 8}, {3, 3}, {1, 1}, {2, 2}, {2, 2}, {2, 2}),
    conv(2, 1, 3, {12, 11}, {3, 2}, {1, 1}, {2, 0}, {2, 0}, {2, 1}),
    conv(2, 1, 2, {8, 8}, {2, 2}, {1, 1}, {0, 0}, {1, 1}, {1, 1}),
    conv(2, 1, 2, {8, 8}, {4, 4}, {1, 1}, {1, 1}, {2, 2}, {1, 1}),
    conv(2, 1, 3, {11, 13}, {7, 7}, {2, 2}, {3, 3}, {3, 3}, {1, 1}),
    conv(2, 1, 2, {7, 9}, {5, 5}, {1, 1}, {2, 2}, {2, 2}, {1, 1}),
    conv(1, 1, 2, {67, 71}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}),
    conv(37, 1, 2, {4, 4}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}),
    conv(3, 2, 3, {6, 6}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}),
    conv(9, 1, 26, {14, 14}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}), // by Fourier transforms
    conv(3, 5, 1, {6, 6}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}),
    conv(3, 5, 1, {7, 6}, {3, 3}, {2, 2}, {1, 1}, {1, 1}, {1, 1}),
    conv(3, 4, 1, {7, 7}, {7, 7}, {1, 1}, {3, 3}, {3, 3}, {1, 1}),
    conv(5, 1, 3, {17}, {3}, {1}, {1}, {1}, {1}),
    conv(5, 1, 3, {17}, {4}, {2}, {3}, {0}, {2}),
    conv(2, 1, 2, {4, 5, 6}, {3, 3, 3}, {1, 1, 1}, {1, 1, 1}, {1, 1, 1}, {1, 1, 1}),
    conv(2, 1, 2, {4, 5, 6}, {2, 3, 1}, {2, 1, 1}, {0, 1, 0}, {1, 1, 0}, {1, 2, 1}),
};

TEST_CASE("the Gram matrix is that of the definition", "[statistics]") {
  for (std::size_t i = 0; i < cases.size(); ++i) {
    CAPTURE(i);
    const auto x = slow::inputs(cases[i]);
    const auto expected = slow::gram(cases[i], x);
    const auto in_double = gather(cases[i], x, cases[i].copies);
    CHECK(difference(in_double.gram.to_vector<double>(), expected) < 1e-14);
    const auto in_float = gather(cases[i], to_float(x), cases[i].copies);
    CHECK(difference(in_float.gram.to_vector<double>(), expected) < 5e-7);
    CHECK(in_float.samples == cases[i].copies);
    CHECK(in_float.positions == static_cast<std::int64_t>(slow::positions(cases[i], x).size()));
    CHECK(in_float.columns_per_channel == cases[i].kernel_elements());
    CHECK(in_float.gram.contiguous());
  }
}

TEST_CASE("both triangles are the same", "[statistics]") {
  const Case probe = conv(3, 2, 3, {6, 6}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1});
  const auto h = gather(probe, to_float(slow::inputs(probe)), 2).gram.to_vector<double>();
  for (std::size_t g = 0; g < 2; ++g)
    for (std::size_t i = 0; i < 27; ++i)
      for (std::size_t j = 0; j < 27; ++j)
        CHECK(h[(g * 27 + i) * 27 + j] == h[(g * 27 + j) * 27 + i]);
}

TEST_CASE("the diagonal alone is that of the whole matrix", "[statistics]") {
  for (std::size_t i = 0; i < cases.size(); ++i) {
    CAPTURE(i);
    const auto x = slow::inputs(cases[i]);
    const auto full = slow::gram(cases[i], x);
    const auto diagonal = gather(cases[i], to_float(x), 2, {.statistics = Statistics::Diagonal});
    const auto columns = static_cast<std::size_t>(cases[i].channels * cases[i].kernel_elements());
    const auto values = diagonal.gram.to_vector<double>();
    REQUIRE(diagonal.gram.rank() == 2);
    REQUIRE(values.size() == columns * static_cast<std::size_t>(cases[i].groups));
    for (std::size_t c = 0; c < values.size(); ++c) {
      CHECK(values[c] ==
            Approx(full[(c / columns * columns + c % columns) * columns + c % columns]).epsilon(1e-12));
    }
  }
}

TEST_CASE("the bits depend neither on chunks nor on threads", "[statistics]") {
  for (std::size_t i = 0; i < cases.size(); ++i) {
    CAPTURE(i);
    const auto x = to_float(slow::inputs(cases[i]));
    for (const auto statistics : {Statistics::Full, Statistics::Diagonal}) {
      for (const std::int64_t positions_per_column : {0, 1}) {
        const GramAccumulator::Options options{statistics, positions_per_column, cases[i].copies, 7};
        set_thread_count(1);
        const auto expected = gather(cases[i], x, cases[i].copies, options).gram.to_vector<double>();
        for (const int threads : {1, 2, 3, 7}) {
          set_thread_count(threads);
          for (const std::int64_t chunk : {1, 7, 100000}) {
            if (cases[i].copies > 1000 && chunk == 1 && threads != 2) continue;
            CHECK(gather(cases[i], x, chunk, options).gram.to_vector<double>() == expected);
          }
        }
      }
    }
  }
  set_thread_count(0);
}

TEST_CASE("any strides will do", "[statistics]") {
  const Case probe = conv(3, 1, 4, {5, 6}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1});
  const auto x = to_float(slow::inputs(probe));
  const auto expected = gather(probe, x, 3).gram.to_vector<double>();
  std::vector<float> channels_last(x.size());
  for (std::size_t n = 0; n < 3; ++n)
    for (std::size_t c = 0; c < 4; ++c)
      for (std::size_t p = 0; p < 30; ++p)
        channels_last[(n * 30 + p) * 4 + c] = x[(n * 4 + c) * 30 + p];
  GramAccumulator accumulator(probe.layer());
  accumulator.add(TensorView(channels_last.data(), probe.shape(), Shape{120, 1, 24, 4}));
  CHECK(std::move(accumulator).finish().gram.to_vector<double>() == expected);
}

TEST_CASE("a linear layer's input may be any view", "[statistics]") {
  const Case probe{3, 1, 4, {2, 5}};
  const auto x = to_float(slow::inputs(probe));
  const auto expected = gather(probe, x, 3).gram.to_vector<double>();
  // The same elements with the two middle dimensions stored the other way round: no single stride runs over
  // both.
  std::vector<float> swapped(x.size());
  for (std::size_t n = 0; n < 3; ++n)
    for (std::size_t a = 0; a < 2; ++a)
      for (std::size_t b = 0; b < 5; ++b)
        for (std::size_t c = 0; c < 4; ++c)
          swapped[((n * 5 + b) * 2 + a) * 4 + c] = x[((n * 2 + a) * 5 + b) * 4 + c];
  GramAccumulator accumulator(probe.layer());
  accumulator.add(TensorView(swapped.data(), probe.shape(), Shape{40, 4, 8, 1}));
  CHECK(std::move(accumulator).finish().gram.to_vector<double>() == expected);
}

TEST_CASE("a layer with two uses sums both, whatever the chunks", "[statistics]") {
  const Case probe{6, 1, 3, {}};
  const auto first = to_float(slow::inputs(probe, 1));
  const auto second = to_float(slow::inputs(probe, 2));
  const auto both = [&](std::int64_t chunk) {
    Layer layer = probe.layer();
    layer.uses = 2;
    GramAccumulator accumulator(layer);
    for (std::int64_t begin = 0; begin < 6; begin += chunk) {
      const Shape part{std::min<std::int64_t>(chunk, 6 - begin), 3};
      for (const auto* x : {&first, &second})
        accumulator.add(TensorView(x->data() + begin * 3, part, Shape{3, 1}));
    }
    return std::move(accumulator).finish();
  };
  const auto h = both(6);
  CHECK(h.samples == 6);
  CHECK(h.positions == 12);
  auto expected = slow::gram(probe, {first.begin(), first.end()});
  const auto other = slow::gram(probe, {second.begin(), second.end()});
  for (std::size_t i = 0; i < expected.size(); ++i)
    expected[i] += other[i];
  CHECK(difference(h.gram.to_vector<double>(), expected) < 5e-7);
  CHECK(both(1).gram.to_vector<double>() == h.gram.to_vector<double>());
  CHECK(both(4).gram.to_vector<double>() == h.gram.to_vector<double>());
}

/// What one layer gathers that is applied to both inputs, `chunk` copies at a time.
LayerProblem gather_both(const Case& one, const Case& other, std::int64_t chunk,
                         GramAccumulator::Options options = {}) {
  const auto first = to_float(slow::inputs(one, 1));
  const auto second = to_float(slow::inputs(other, 2));
  Layer layer = one.layer();
  layer.uses = 2;
  GramAccumulator accumulator(layer, options);
  for (std::int64_t begin = 0; begin < one.copies; begin += chunk) {
    for (const auto& [probe, x] : {std::pair(&one, &first), std::pair(&other, &second)}) {
      Shape part = probe->shape();
      part[0] = std::min(chunk, probe->copies - begin);
      accumulator.add(
          TensorView(x->data() + begin * (probe->size() / probe->copies), part, row_major(probe->shape())));
    }
  }
  return std::move(accumulator).finish();
}

/// The sum of both uses' Gram matrices, from the definition.
std::vector<double> gram_of_both(const Case& one, const Case& other) {
  auto sum = slow::gram(one, slow::inputs(one, 1));
  const auto second = slow::gram(other, slow::inputs(other, 2));
  for (std::size_t i = 0; i < sum.size(); ++i)
    sum[i] += second[i];
  return sum;
}

TEST_CASE("a layer that one pass applies at two resolutions sums both", "[statistics]") {
  const auto same = [](std::int64_t groups, std::int64_t channels, Shape extents) {
    return conv(6, groups, channels, std::move(extents), {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1});
  };
  const std::vector<std::array<Case, 2>> pairs{
      {same(1, 3, {5, 6}), same(1, 3, {9, 8})},   // shifted planes, the second larger than the first
      {same(1, 3, {9, 8}), same(1, 3, {5, 6})},   // and smaller
      {same(1, 3, {6, 5}), same(1, 3, {5, 6})},   // of one size, otherwise shaped
      {same(1, 3, {70, 67}), same(1, 3, {2, 2})}, // one copy fills a panel, and many do
      {same(5, 1, {4, 4}), same(5, 1, {7, 3})},   // depthwise
      {same(2, 2, {4, 4}), same(2, 2, {7, 3})},   // panels
      {Case{6, 1, 3, {}}, Case{6, 1, 3, {2, 5}}}, // a linear layer, with and without tokens
  };
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    CAPTURE(i);
    const auto& [one, other] = pairs[i];
    const auto expected = gram_of_both(one, other);
    const auto h = gather_both(one, other, 6);
    CHECK(difference(h.gram.to_vector<double>(), expected) < 5e-7);
    CHECK(h.samples == 6);
    CHECK(h.positions == static_cast<std::int64_t>(slow::positions(one, slow::inputs(one)).size() +
                                                   slow::positions(other, slow::inputs(other)).size()));
    CHECK(gather_both(one, other, 1).gram.to_vector<double>() == h.gram.to_vector<double>());
    CHECK(gather_both(one, other, 4).gram.to_vector<double>() == h.gram.to_vector<double>());

    const auto columns = static_cast<std::size_t>(one.channels * one.kernel_elements());
    const auto diagonal = gather_both(one, other, 4, {.statistics = Statistics::Diagonal});
    const auto squares = diagonal.gram.to_vector<double>();
    for (std::size_t c = 0; c < squares.size(); ++c) {
      CHECK(squares[c] ==
            Approx(expected[(c / columns * columns + c % columns) * columns + c % columns]).epsilon(1e-12));
    }
  }
}

TEST_CASE("positions of two resolutions are sampled each for itself", "[statistics]") {
  const Case one = conv(64, 1, 1, {12, 12}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1});
  const Case other = conv(64, 1, 1, {6, 5}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1});
  const Case few = conv(64, 1, 1, {3, 3}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}); // fewer than asked for
  for (const auto& [larger, smaller] :
       {std::array{one, other}, std::array{other, one}, std::array{one, few}}) {
    const auto expected = gram_of_both(larger, smaller);
    std::vector<double> mean(expected.size());
    constexpr int seeds = 50;
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
      const auto sampled = gather_both(
          larger, smaller, 64, {.positions_per_column = 100, .copies = 64, .seed = seed, .drawn_only = true});
      CHECK(sampled.positions == 64 * (15 + (smaller.size() < 64 * 15 ? 9 : 15)));
      const auto h = sampled.gram.to_vector<double>();
      for (std::size_t i = 0; i < h.size(); ++i)
        mean[i] += h[i] / seeds;
    }
    CHECK(difference(mean, expected) < 0.015);
  }
}

TEST_CASE("a use keeps the extents of its first input", "[statistics]") {
  const Case probe = conv(2, 1, 3, {5, 6}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1});
  const std::vector<float> x(10000);
  const auto add = [&](GramAccumulator& accumulator, const Shape& shape) {
    accumulator.add(TensorView(x.data(), shape, row_major(shape)));
  };
  for (const auto statistics : {Statistics::Full, Statistics::Diagonal}) {
    GramAccumulator accumulator(probe.layer(), {.statistics = statistics});
    add(accumulator, {2, 3, 5, 6});
    for (const auto& other : {Shape{1, 3, 9, 8}, Shape{1, 3, 4, 6}, Shape{1, 3, 6, 5}}) {
      CHECK_THROWS_AS(add(accumulator, other), ShapeMismatch);
      CHECK_THROWS_WITH(add(accumulator, other), Contains("layer 'probe'") && Contains("[2, 3, 5, 6]") &&
                                                     Contains(shape_text(other)) &&
                                                     Contains("Layer::uses is 1"));
    }
    add(accumulator, {1, 3, 5, 6}); // nothing was taken of what was refused
    CHECK(std::move(accumulator).finish().samples == 3);
  }

  Layer shared = probe.layer();
  shared.uses = 2;
  GramAccumulator accumulator(shared);
  add(accumulator, {2, 3, 5, 6});
  add(accumulator, {2, 3, 9, 8});
  add(accumulator, {2, 3, 5, 6});
  CHECK_THROWS_WITH(add(accumulator, {2, 3, 5, 6}),
                    Contains("use 1 of layer 'probe'") && Contains("[2, 3, 9, 8]") &&
                        Contains("[2, 3, 5, 6]") && Contains("Layer::uses is 2"));

  GramAccumulator tokens(Case{1, 1, 4, {}}.layer());
  add(tokens, {1, 6, 4});
  CHECK_THROWS_WITH(add(tokens, {1, 5, 4}), Contains("[1, 6, 4]") && Contains("[1, 5, 4]"));
}

TEST_CASE("each use sees the same copies, and none sees nothing", "[statistics]") {
  Layer layer = Case{2, 1, 3, {}}.layer();
  layer.uses = 2;
  const std::vector<float> x(6);
  GramAccumulator accumulator(layer);
  const auto add = [&](std::int64_t copies) {
    accumulator.add(TensorView(x.data(), Shape{copies, 3}, Shape{3, 1}));
  };
  add(2);
  CHECK_THROWS_AS(std::move(accumulator).finish(), InvalidArgument);
  CHECK_THROWS_WITH(std::move(accumulator).finish(),
                    Contains("no input of use 1 of layer 'probe' was seen, though Layer::uses is 2"));
  add(1);
  CHECK_THROWS_AS(std::move(accumulator).finish(), InvalidArgument);
  CHECK_THROWS_WITH(
      std::move(accumulator).finish(),
      "statistics: use 1 of layer 'probe' saw 1 copies, use 0 2; each use sees the same copies");
}

TEST_CASE("a column that sees nothing but zeros has a zero row", "[statistics]") {
  const Case probe{9, 1, 3, {}};
  auto x = to_float(slow::inputs(probe));
  for (std::size_t i = 1; i < x.size(); i += 3)
    x[i] = 0;
  const auto h = gather(probe, x, 9).gram.to_vector<double>();
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(h[3 + i] == 0);
    CHECK(h[3 * i + 1] == 0);
  }
}

TEST_CASE("sampled positions give the same matrix on average", "[statistics]") {
  const Case probe = conv(64, 1, 1, {12, 12}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1});
  const auto x = slow::inputs(probe);
  const auto expected = slow::gram(probe, x);
  std::vector<double> mean(expected.size());
  constexpr int seeds = 50;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const auto sampled =
        gather(probe, x, 64, {.positions_per_column = 100, .copies = 64, .seed = seed, .drawn_only = true});
    CHECK(sampled.positions == 64 * 15); // 9 columns times 100, rounded up to a whole number per copy
    const auto h = sampled.gram.to_vector<double>();
    for (std::size_t i = 0; i < h.size(); ++i)
      mean[i] += h[i] / seeds;
  }
  // Each estimate averages 960 positions, so its error is some 5 %; fifty of them leave under 1 %.
  CHECK(difference(mean, expected) < 0.015);
  CHECK(difference(
            gather(probe, x, 64, {.positions_per_column = 100, .copies = 64, .seed = 1, .drawn_only = true})
                .gram.to_vector<double>(),
            expected) > 1e-4);
}

TEST_CASE("all positions are used where that is less work than the drawn ones", "[statistics]") {
  const Case probe = conv(4, 1, 48, {12, 12}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1});
  const auto x = to_float(slow::inputs(probe));
  const auto all = gather(probe, x, 4, {.copies = 4});
  // 432 columns: one position a column is 108 of 144 in each copy.
  GramAccumulator::Options options{.positions_per_column = 1, .copies = 4};
  const auto some = gather(probe, x, 4, options);
  CHECK(some.positions == all.positions);
  CHECK(difference(some.gram.to_vector<double>(), all.gram.to_vector<double>()) == 0);
  options.drawn_only = true;
  const auto drawn = gather(probe, x, 4, options);
  CHECK(drawn.positions == 4 * 108);
  CHECK(difference(drawn.gram.to_vector<double>(), all.gram.to_vector<double>()) > 1e-3);
}

TEST_CASE("more positions asked for than there are means all of them", "[statistics]") {
  const Case probe = conv(4, 1, 1, {5, 5}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1});
  const auto x = to_float(slow::inputs(probe));
  CHECK(gather(probe, x, 4, {.positions_per_column = 1000, .copies = 4}).gram.to_vector<double>() ==
        gather(probe, x, 4).gram.to_vector<double>());
}

TEST_CASE("long sums keep their accuracy", "[statistics]") {
  // A large mean is what makes sums in single precision drift.
  const Case probe{200003, 1, 2, {}};
  auto x = slow::inputs(probe);
  for (double& value : x)
    value = static_cast<float>(value + 100);
  CHECK(difference(gather(probe, to_float(x), 200003).gram.to_vector<double>(), slow::gram(probe, x)) < 2e-7);
}

TEST_CASE("inputs that are not finite are refused by name", "[statistics]") {
  const Case probe = conv(3, 1, 4, {5, 6}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1});
  auto x = to_float(slow::inputs(probe));
  x[static_cast<std::size_t>(2 * 120 + 3 * 30 + 7)] = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_AS(gather(probe, x, 1), NumericalError);
  CHECK_THROWS_WITH(gather(probe, x, 1), Contains("layer 'probe' holds the value nan in copy 2, channel 3"));
  x[static_cast<std::size_t>(2 * 120 + 3 * 30 + 7)] = -std::numeric_limits<float>::infinity();
  CHECK_THROWS_WITH(gather(probe, x, 3), Contains("holds the value -inf"));
}

TEST_CASE("wrong shapes and options are refused", "[statistics]") {
  const Case convolution = conv(1, 1, 4, {5, 6}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1});
  const Case linear{1, 1, 4, {}};
  const std::vector<float> x(1000);
  const auto add = [&](const Case& probe, const Shape& shape) {
    GramAccumulator accumulator(probe.layer());
    accumulator.add(TensorView(x.data(), shape, row_major(shape)));
  };
  CHECK_THROWS_AS(add(convolution, {1, 3, 5, 6}), ShapeMismatch);
  CHECK_THROWS_WITH(add(convolution, {1, 3, 5, 6}),
                    Contains("takes inputs [N, 4] with 2 spatial dimensions; this one is [1, 3, 5, 6]"));
  CHECK_THROWS_WITH(add(convolution, {1, 4, 5}), Contains("[1, 4, 5]"));
  CHECK_THROWS_WITH(add(linear, {2, 5}), Contains("takes inputs [N, ..., 4]; this one is [2, 5]"));
  CHECK_THROWS_WITH(add(linear, {4}), Contains("this one is [4]"));
  CHECK_THROWS_WITH(add(convolution, {1, 4, 5, 0}),
                    Contains("the input [1, 4, 5, 0] of layer 'probe' has no elements"));
  const Case wide = conv(1, 1, 4, {5, 6}, {9, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1});
  CHECK_THROWS_WITH(add(wide, {1, 4, 5, 6}),
                    Contains("spans 9 elements, the padded input [1, 4, 5, 6] only 7"));

  CHECK_THROWS_AS(GramAccumulator(linear.layer(), {.statistics = Statistics::None}), InvalidArgument);
  CHECK_THROWS_WITH(GramAccumulator(linear.layer(), {.positions_per_column = 5}), Contains("copies known"));
  CHECK_THROWS_WITH(GramAccumulator(linear.layer(), {.positions_per_column = -1}),
                    Contains("positions_per_column -1"));
  CHECK_THROWS_WITH(GramAccumulator(linear.layer()).finish(), Contains("no input of layer 'probe' was seen"));
  Layer broken = convolution.layer();
  broken.window.stride = {1, 0};
  CHECK_THROWS_WITH(GramAccumulator(broken), Contains("stride [1, 0]"));
  broken = convolution.layer();
  broken.window.kernel = {3, 5};
  CHECK_THROWS_WITH(GramAccumulator(broken), Contains("multiple of the window's 15 elements"));

  GramAccumulator accumulator(linear.layer());
  accumulator.add(TensorView(x.data(), Shape{1, 4}, Shape{4, 1}));
  const std::vector<double> in_double(4);
  CHECK_THROWS_WITH(accumulator.add(TensorView(in_double.data(), Shape{1, 4}, Shape{4, 1})),
                    Contains("float64 inputs after float32"));
}

} // namespace
