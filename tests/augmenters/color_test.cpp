// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/augmenters/color.hpp>

#include <algorithm>
#include <array>
#include <cmath>

#include <ATen/ATen.h>
#include <catch2/catch.hpp>

#include <spade/core/error.hpp>

using Catch::Matchers::Contains;
using namespace spade::augmenters;
using spade::InvalidArgument;
using spade::ShapeMismatch;

namespace {

using Color = std::array<double, 3>;

// Hue in degrees, saturation and value, and back, case by case as textbooks give them.
Color to_hsv(const Color& rgb) {
  const auto [r, g, b] = rgb;
  const double high = std::max({r, g, b});
  const double chroma = high - std::min({r, g, b});
  double hue = 0;
  if (chroma > 0 && high == r) hue = 60 * std::fmod((g - b) / chroma + 6, 6);
  if (chroma > 0 && high == g) hue = 60 * ((b - r) / chroma + 2);
  if (chroma > 0 && high == b) hue = 60 * ((r - g) / chroma + 4);
  return {hue, high > 0 ? chroma / high : 0, high};
}

Color to_rgb(const Color& hsv) {
  const auto [hue, saturation, value] = hsv;
  const double chroma = value * saturation;
  const double second = chroma * (1 - std::abs(std::fmod(hue / 60, 2) - 1));
  const std::array<Color, 6> sectors{{{chroma, second, 0},
                                      {second, chroma, 0},
                                      {0, chroma, second},
                                      {0, second, chroma},
                                      {second, 0, chroma},
                                      {chroma, 0, second}}};
  Color rgb = sectors[static_cast<std::size_t>(hue / 60) % 6];
  for (double& channel : rgb)
    channel += value - chroma;
  return rgb;
}

at::Tensor slow_hue(const at::Tensor& picture, double turn) {
  auto result = picture.to(at::kDouble).clone();
  auto pixel = result.accessor<double, 3>();
  for (std::int64_t y = 0; y < result.size(1); ++y) {
    for (std::int64_t x = 0; x < result.size(2); ++x) {
      auto hsv = to_hsv({pixel[0][y][x], pixel[1][y][x], pixel[2][y][x]});
      hsv[0] = std::fmod(hsv[0] + 360 * (turn + 8), 360);
      const auto rgb = to_rgb(hsv);
      for (std::int64_t c = 0; c < 3; ++c)
        pixel[c][y][x] = rgb[static_cast<std::size_t>(c)];
    }
  }
  return result;
}

double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

at::Tensor luminance(const at::Tensor& picture) {
  return 0.2989 * picture[0] + 0.587 * picture[1] + 0.114 * picture[2];
}

// Corners of the cube, greys, and pixels where two channels are equal: where the cases of the hue meet.
at::Tensor awkward_picture() {
  std::vector<double> levels{0, 0.25, 1};
  auto picture = at::empty({3, 3, 9}, at::kDouble);
  for (int i = 0; i < 27; ++i) {
    picture[0][i / 9][i % 9] = levels[static_cast<std::size_t>(i / 9)];
    picture[1][i / 9][i % 9] = levels[static_cast<std::size_t>(i / 3 % 3)];
    picture[2][i / 9][i % 9] = levels[static_cast<std::size_t>(i % 3)];
  }
  return picture;
}

} // namespace

TEST_CASE("colours change as their formulae say", "[augmenters][color]") {
  for (const auto& [height, width] : {std::pair{1, 1}, {2, 3}, {7, 11}, {16, 17}}) {
    const auto x = at::rand({3, height, width}, at::kDouble);
    const auto f = x.to(at::kFloat);
    for (const double factor : {0.0, 0.3, 1.0, 1.7}) {
      const auto bright = (factor * x).clamp(0, 1);
      const auto contrasted = (factor * x + (1 - factor) * luminance(x).mean()).clamp(0, 1);
      const auto saturated = (factor * x + (1 - factor) * luminance(x)).clamp(0, 1);
      CHECK(largest_difference(adjust_brightness(x, factor), bright) < 1e-14);
      CHECK(largest_difference(adjust_contrast(x, factor), contrasted) < 1e-14);
      CHECK(largest_difference(adjust_saturation(x, factor), saturated) < 1e-14);
      CHECK(largest_difference(adjust_brightness(f, factor), bright) < 1e-6);
      CHECK(largest_difference(adjust_contrast(f, factor), contrasted) < 1e-6);
      CHECK(largest_difference(adjust_saturation(f, factor), saturated) < 1e-6);
    }
  }
}

TEST_CASE("hue turns as the textbook turns it", "[augmenters][color]") {
  for (const double turn : {-0.5, -0.3, -1.0 / 6, 0.0, 0.1, 0.2, 1.0 / 3, 0.5, 0.999}) {
    CAPTURE(turn);
    for (const auto& x : {awkward_picture(), at::rand({3, 13, 17}, at::kDouble)}) {
      CHECK(largest_difference(adjust_hue(x, turn), slow_hue(x, turn)) < 1e-12);
      CHECK(largest_difference(adjust_hue(x.to(at::kFloat), turn), slow_hue(x, turn)) < 2e-6);
    }
  }
  const auto red = at::tensor({1.0F, 0.0F, 0.0F}).view({3, 1, 1});
  CHECK(largest_difference(adjust_hue(red, 1.0 / 3), red.roll(1, 0)) < 1e-6);
  CHECK(largest_difference(adjust_hue(red, 2.0 / 3), red.roll(2, 0)) < 1e-6);
}

TEST_CASE("factors of one and full turns change nothing", "[augmenters][color]") {
  for (const auto& x : {awkward_picture(), at::rand({3, 13, 17}, at::kDouble)}) {
    CHECK(at::equal(adjust_brightness(x, 1), x));
    CHECK(at::equal(adjust_contrast(x, 1), x));
    CHECK(at::equal(adjust_saturation(x, 1), x));
    CHECK(largest_difference(adjust_hue(x, 1), x) < 1e-14);
    CHECK(largest_difference(adjust_hue(x, -3), x) < 1e-14);
    CHECK(largest_difference(adjust_hue(adjust_hue(x, 0.3), 0.7), x) < 1e-14);
  }
}

TEST_CASE("hue keeps value and saturation, and greys", "[augmenters][color]") {
  const auto x = at::rand({3, 9, 9}, at::kDouble);
  const auto turned = adjust_hue(x, 0.37);
  CHECK(largest_difference(turned.amax(0), x.amax(0)) < 1e-14);
  CHECK(largest_difference(turned.amin(0), x.amin(0)) < 1e-14);
  const auto grey = at::rand({1, 9, 9}).expand({3, 9, 9});
  CHECK(at::equal(adjust_hue(grey, 0.37), grey));
}

TEST_CASE("one channel has brightness and contrast only", "[augmenters][color]") {
  const auto x = at::rand({1, 5, 7}, at::kDouble);
  CHECK(at::equal(adjust_saturation(x, 0.2), x));
  CHECK(at::equal(adjust_hue(x, 0.2), x));
  CHECK(largest_difference(adjust_contrast(x, 0), x.mean().expand({1, 5, 7})) < 1e-14);
  CHECK(largest_difference(adjust_brightness(x, 0.5), x / 2) < 1e-14);
}

TEST_CASE("colour changes leave their argument alone and refuse what is not a picture",
          "[augmenters][color]") {
  const auto x = at::rand({3, 5, 7});
  const auto before = x.clone();
  (void)adjust_brightness(x, 2);
  (void)adjust_contrast(x, 2);
  (void)adjust_saturation(x, 2);
  (void)adjust_hue(x, 0.2);
  CHECK(at::equal(x, before));
  CHECK_THROWS_AS(adjust_hue(at::rand({2, 5, 7}), 0.1), ShapeMismatch);
  CHECK_THROWS_WITH(adjust_contrast(at::rand({1, 3, 5, 7}), 1), Contains("[1, 3, 5, 7]"));
  CHECK_THROWS_AS(adjust_brightness(x, -0.1), InvalidArgument);
  CHECK_THROWS_WITH(adjust_brightness(x, -0.1), Contains("-0.1"));
  CHECK_THROWS_AS(adjust_saturation(x, NAN), InvalidArgument);
  CHECK_THROWS_AS(adjust_hue(x, INFINITY), InvalidArgument);
  CHECK_THROWS_AS(adjust_hue(x.to(at::kByte), 0.1), InvalidArgument);
}
