// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/statistics/passes.hpp>

#include <catch2/catch.hpp>

#include <spade/core/error.hpp>
#include <spade/statistics/gram_accumulator.hpp>

namespace {

using namespace spade;
using Catch::Matchers::Contains;
using Groups = std::vector<std::vector<std::size_t>>;
using Shape = std::vector<std::int64_t>;

Layer linear(std::int64_t columns) {
  return {"of " + std::to_string(columns),
          TensorView::owning(std::vector<float>(static_cast<std::size_t>(2 * columns)), Shape{1, 2, columns}),
          {}};
}

TEST_CASE("layers share a pass while their matrices fit", "[statistics]") {
  const std::vector<Layer> layers{linear(10), linear(20), linear(30), linear(20)};
  const std::vector<double> all(4, 0.9);
  const auto bytes = [&](std::size_t i) {
    return statistics::GramAccumulator::bytes(layers[i], Statistics::Full);
  };
  const auto groups = [&](std::int64_t bound,
                          const std::vector<double>& sparsity = std::vector<double>(4, 0.9)) {
    return statistics::passes(layers, sparsity, Statistics::Full, bound);
  };
  CHECK(groups(std::int64_t{1} << 40) == Groups{{0, 1, 2, 3}});
  CHECK(groups(bytes(0) + bytes(1) + bytes(2) + bytes(3)) == Groups{{0, 1, 2, 3}});
  CHECK(groups(bytes(0) + bytes(1) + bytes(2)) == Groups{{0, 1, 2}, {3}});
  CHECK(groups(bytes(2)) == Groups{{0, 1}, {2}, {3}});
  CHECK(groups(std::int64_t{1} << 40, {0.5, 0, 1, 0}) == Groups{{0, 2}});
  CHECK(groups(1, {0, 0, 0, 0}).empty());
  CHECK(statistics::passes(layers, all, Statistics::None, 1).empty());
  CHECK_THROWS_AS(groups(bytes(2) - 1), InvalidArgument);
  CHECK_THROWS_WITH(groups(bytes(2) - 1),
                    Contains("layer 'of 30' with 30 columns") && Contains("raise statistics_bytes"));
}

TEST_CASE("the batch is the dimension that differs from a batch of one", "[statistics]") {
  std::vector<float> x(24);
  const TensorView tokens_first(x.data(), Shape{4, 3, 2}, Shape{6, 2, 1});
  const auto seen = statistics::batch_first(tokens_first, Shape{4, 1, 2});
  CHECK(Shape(seen.extents().begin(), seen.extents().end()) == Shape{3, 4, 2});
  CHECK(Shape(seen.strides().begin(), seen.strides().end()) == Shape{2, 6, 1});
  const auto same = statistics::batch_first(tokens_first, Shape{1, 3, 2});
  CHECK(Shape(same.strides().begin(), same.strides().end()) == Shape{6, 2, 1});
  CHECK(statistics::batch_first(tokens_first, Shape{4, 3, 2}).data<float>() == x.data());
  // One copy looks like the sample itself; which dimension counts it must be known.
  const TensorView one(x.data(), Shape{4, 1, 2}, Shape{6, 2, 1});
  const auto known = statistics::batch_first(one, Shape{4, statistics::copies_dimension, 2});
  CHECK(Shape(known.extents().begin(), known.extents().end()) == Shape{1, 4, 2});
  CHECK_THROWS_WITH(statistics::batch_first(tokens_first, Shape{4, 1}),
                    Contains("[4, 3, 2] for several copies and [4, 1] for one"));
}

} // namespace
