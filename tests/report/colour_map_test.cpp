// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/report/colour_map.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

namespace {

using spade::report::Colour;
using spade::report::ColourMap;

// sRGB to OKLab, the way back of what the maps are made by (Ottosson 2020).
std::array<double, 3> oklab(const Colour& colour) {
  std::array<double, 3> linear{};
  for (std::size_t c = 0; c < 3; ++c) {
    const double x = colour[c] / 255.0;
    linear[c] = x <= 0.04045 ? x / 12.92 : std::pow((x + 0.055) / 1.055, 2.4);
  }
  const double l = std::cbrt(0.4122214708 * linear[0] + 0.5363325363 * linear[1] + 0.0514459929 * linear[2]);
  const double m = std::cbrt(0.2119034982 * linear[0] + 0.6806995451 * linear[1] + 0.1073969566 * linear[2]);
  const double s = std::cbrt(0.0883024619 * linear[0] + 0.2817188376 * linear[1] + 0.6299787005 * linear[2]);
  return {0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
          1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
          0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s};
}

double distance(const Colour& x, const Colour& y) {
  const auto a = oklab(x);
  const auto b = oklab(y);
  return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

// Distances of colours a sixteenth of the range apart: coarse enough for 8-bit rounding to drown.
std::vector<double> steps(const ColourMap& map, double from, double to) {
  std::vector<double> result;
  for (int i = 0; i < 16; ++i) {
    result.push_back(distance(map(std::lerp(from, to, i / 16.0)), map(std::lerp(from, to, (i + 1) / 16.0))));
  }
  return result;
}

TEST_CASE("equal steps of the value are equal steps of colour", "[colour_map]") {
  const auto [map, from] = GENERATE(table<const ColourMap*, double>(
      {{&ColourMap::sequential(), 0.0}, {&ColourMap::diverging(), 0.0}, {&ColourMap::diverging(), -1.0}}));
  const auto all = steps(*map, from, from + 1.0);
  const auto [least, largest] = std::ranges::minmax(all);
  CHECK(largest < 1.15 * least);
}

TEST_CASE("lightness never turns back", "[colour_map]") {
  for (int i = 0; i < 64; ++i) {
    CHECK(oklab(ColourMap::sequential()((i + 1) / 64.0))[0] > oklab(ColourMap::sequential()(i / 64.0))[0]);
    CHECK(oklab(ColourMap::diverging()((i + 1) / 64.0))[0] < oklab(ColourMap::diverging()(i / 64.0))[0]);
    CHECK(oklab(ColourMap::diverging()(-(i + 1) / 64.0))[0] < oklab(ColourMap::diverging()(-i / 64.0))[0]);
  }
}

TEST_CASE("the diverging map is neutral at zero and as dark at either end", "[colour_map]") {
  const auto zero = oklab(ColourMap::diverging()(0));
  CHECK(std::hypot(zero[1], zero[2]) < 0.01);
  CHECK(oklab(ColourMap::diverging()(-1))[0] == Approx(oklab(ColourMap::diverging()(1))[0]).margin(0.01));
  const auto negative = ColourMap::diverging()(-1);
  const auto positive = ColourMap::diverging()(1);
  CHECK(negative[2] > negative[0]); // blue
  CHECK(positive[0] > positive[2]); // red
}

TEST_CASE("values beyond the ends get the end's colour, and what is no number is grey", "[colour_map]") {
  CHECK(ColourMap::sequential()(7) == ColourMap::sequential()(1));
  CHECK(ColourMap::sequential()(-7) == ColourMap::sequential()(0));
  CHECK(ColourMap::diverging()(-7) == ColourMap::diverging()(-1));
  CHECK(ColourMap::diverging()(std::numeric_limits<double>::quiet_NaN()) == Colour{128, 128, 128});
}

TEST_CASE("a colour bar is a gradient through the map's own colours", "[colour_map]") {
  const auto css = ColourMap::diverging().css_gradient();
  const auto hex = [](const Colour& colour) {
    char text[8];
    std::snprintf(text, sizeof text, "#%02x%02x%02x", colour[0], colour[1], colour[2]);
    return std::string(text);
  };
  CHECK_THAT(css,
             Catch::StartsWith("linear-gradient(to right," + hex(ColourMap::diverging()(-1)) + " 0.00%"));
  CHECK_THAT(css, Catch::Contains(hex(ColourMap::diverging()(0)) + " 50.00%"));
  CHECK_THAT(css, Catch::EndsWith(hex(ColourMap::diverging()(1)) + " 100.00%)"));
}

} // namespace
