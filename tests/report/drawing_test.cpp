// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "report/drawing.hpp"

#include <cmath>
#include <limits>
#include <string>

#include <ATen/ATen.h>
#include <catch2/catch.hpp>

#include <spade/core/error.hpp>
#include <spade/report/colour_map.hpp>

#include "toy_explanations.hpp"

namespace {

using namespace spade::report;
using spade::testing::toy_mask;
using spade::testing::toy_values;

Colour pixel(const at::Tensor& picture, std::int64_t y, std::int64_t x) {
  Colour colour{};
  for (std::int64_t c = 0; c < 3; ++c) {
    colour[static_cast<std::size_t>(c)] =
        static_cast<std::uint8_t>(std::lround(255.0 * picture[c][y][x].item<double>()));
  }
  return colour;
}

TEST_CASE("base64 is that of RFC 4648", "[report]") {
  CHECK(base64("") == "");
  CHECK(base64("f") == "Zg==");
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foo") == "Zm9v");
  CHECK(base64("foob") == "Zm9vYg==");
  CHECK(base64("fooba") == "Zm9vYmE=");
  CHECK(base64("foobar") == "Zm9vYmFy");
  CHECK(base64("\xff\xfe\xfd") == "//79");
}

TEST_CASE("a mask's outline runs along the borders of its pixels", "[report]") {
  CHECK(outline_path(toy_mask(8, 2, 3)) == "M2 2h3M2 5h3M2 2v3M5 2v3");
  CHECK(outline_path(toy_mask(4, 0, 4)) == "M0 0h4M0 4h4M0 0v4M4 0v4"); // at the picture's edge
  CHECK(outline_path(at::zeros({3, 5})) == "");
  auto two = at::zeros({1, 5});
  two[0][0] = 1;
  two[0][4] = 1;
  CHECK(outline_path(two) == "M0 0h1M4 0h1M0 1h1M4 1h1M0 0v1M1 0v1M4 0v1M5 0v1");
}

TEST_CASE("a map without negative values can have the sequential colours", "[report]") {
  auto map = at::zeros({1, 3, 4, 4});
  map[0][1][2][3] = 2.0F;
  CHECK_FALSE(has_negative_sums(map));
  const auto drawn = draw_sum(map, false);
  CHECK_FALSE(drawn.two_sided);
  CHECK(drawn.limit == 2.0); // its only value: the percentile alone would be zero
  CHECK(pixel(drawn.picture, 2, 3) == ColourMap::sequential()(1));
  CHECK(pixel(drawn.picture, 0, 0) == ColourMap::sequential()(0));
}

TEST_CASE("a map of both signs can have the diverging colours, zero in their middle", "[report]") {
  auto map = at::zeros({1, 1, 2, 2});
  map[0][0][0][0] = -3.0;
  map[0][0][0][1] = 1.5;
  CHECK(has_negative_sums(map));
  const auto drawn = draw_sum(map, true);
  CHECK(drawn.two_sided);
  CHECK(pixel(drawn.picture, 1, 1) == ColourMap::diverging()(0));
  CHECK(pixel(drawn.picture, 0, 0) == ColourMap::diverging()(-1));
  CHECK(pixel(drawn.picture, 0, 1) == ColourMap::diverging()(1.5 / drawn.limit));
}

TEST_CASE("channels are summed with their signs, the overlay by the reduction", "[report]") {
  auto map = at::zeros({1, 2, 1, 1});
  map[0][0] = 1.0;
  map[0][1] = -1.0;
  CHECK(draw_sum(map, false).limit == 0.0);
  const auto grey = at::full({3, 1, 1}, 0.5F);
  CHECK(draw_overlay(map, spade::interpreters::Reduction::AbsoluteSum, grey).limit == 2.0);
  CHECK(draw_overlay(map, spade::interpreters::Reduction::PositiveSum, grey).limit == 0.0);
}

TEST_CASE("a few outliers do not take the colours from the rest", "[report]") {
  auto map = toy_values({1, 1, 64, 64}, 3);
  map[0][0][0][0] = 1e6;
  CHECK(draw_sum(map, false).limit < 1.0);
}

TEST_CASE("where the heat is zero, the overlay is the picture in grey", "[report]") {
  auto picture = at::zeros({3, 2, 2});
  picture.fill_(1.0);
  const auto drawn =
      draw_overlay(at::zeros({1, 3, 2, 2}), spade::interpreters::Reduction::AbsoluteSum, picture);
  const auto colour = pixel(drawn.picture, 0, 0);
  CHECK(colour[0] == colour[1]);
  CHECK(colour[1] == colour[2]);
  CHECK(colour[0] > 200);
}

TEST_CASE("what cannot be drawn is refused", "[report]") {
  auto map = at::zeros({1, 1, 2, 2});
  map[0][0][1][1] = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_AS(draw_sum(map, false), spade::NumericalError);
  CHECK_THROWS_WITH(draw_sum(map, false), Catch::Contains("not finite"));
}

TEST_CASE("the picture is shown in its own colours where it has the input's size", "[report]") {
  auto explanation = spade::testing::toy_explanation();
  CHECK(shows_true_colours(explanation));
  CHECK(at::equal(seen_picture(explanation), *explanation.picture));
  explanation.picture.reset();
  CHECK_FALSE(shows_true_colours(explanation));
  const auto stretched = seen_picture(explanation);
  CHECK(stretched.amin({1, 2}).equal(at::zeros({3})));
  CHECK(stretched.amax({1, 2}).equal(at::ones({3})));
}

TEST_CASE("a thumbnail is small, a small picture its own", "[report]") {
  CHECK(thumbnail(at::zeros({3, 224, 100})).sizes() == at::IntArrayRef({3, 56, 25}));
  CHECK(thumbnail(at::zeros({3, 64, 64})).sizes() == at::IntArrayRef({3, 64, 64}));
}

} // namespace
