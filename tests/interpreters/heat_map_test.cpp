// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/interpreters/heat_map.hpp>

#include <ATen/ATen.h>
#include <catch2/catch.hpp>

#include <spade/core/error.hpp>

using spade::interpreters::heat_map;
using spade::interpreters::Reduction;

namespace {
struct Declares {
  static constexpr Reduction reduction = Reduction::PositiveSum;
};
struct DeclaresNothing {};
static_assert(spade::interpreters::reduction_of<Declares>() == Reduction::PositiveSum);
static_assert(spade::interpreters::reduction_of<DeclaresNothing>() == Reduction::AbsoluteSum);
} // namespace

TEST_CASE("a heat map has one non-negative value a pixel", "[interpreters]") {
  const auto attribution = at::tensor({1.0, -2.0, 3.0, 1.0, -1.0, -4.0}).reshape({1, 2, 3});

  CHECK(
      at::equal(heat_map(attribution, Reduction::AbsoluteSum), at::tensor({2.0, 3.0, 7.0}).reshape({1, 3})));
  CHECK(
      at::equal(heat_map(attribution, Reduction::PositiveSum), at::tensor({2.0, 0.0, 0.0}).reshape({1, 3})));
  CHECK(heat_map(at::ones({2, 3, 4, 5, 6}), Reduction::AbsoluteSum).sizes() == at::IntArrayRef({2, 4, 5, 6}));
}

TEST_CASE("a heat map needs pixels and finite values", "[interpreters]") {
  using Catch::Contains;
  CHECK_THROWS_AS(heat_map(at::ones({2, 3}), Reduction::AbsoluteSum), spade::ShapeMismatch);
  CHECK_THROWS_WITH(heat_map(at::ones({2, 3}), Reduction::AbsoluteSum), Contains("[2, 3]"));
  CHECK_THROWS_AS(heat_map(at::full({1, 3, 2, 2}, INFINITY), Reduction::PositiveSum), spade::NumericalError);
}
