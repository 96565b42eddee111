// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/report/colour_map.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include <fmt/format.h>

namespace spade::report {
namespace {

struct Lab {
  double lightness, a, b;
};

using LinearRgb = std::array<double, 3>;

// The matrices are Ottosson's (2020).
LinearRgb to_linear_rgb(const Lab& colour) {
  const auto cube = [](double x) { return x * x * x; };
  const double l = cube(colour.lightness + 0.3963377774 * colour.a + 0.2158037573 * colour.b);
  const double m = cube(colour.lightness - 0.1055613458 * colour.a - 0.0638541728 * colour.b);
  const double s = cube(colour.lightness - 0.0894841775 * colour.a - 1.2914855480 * colour.b);
  return {4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
          -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
          -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s};
}

bool displayable(const Lab& colour) {
  const auto rgb = to_linear_rgb(colour);
  return std::ranges::all_of(rgb, [](double x) { return x >= -1e-6 && x <= 1.0 + 1e-6; });
}

Colour to_srgb(const Lab& colour) {
  Colour result{};
  const auto linear = to_linear_rgb(colour);
  for (std::size_t c = 0; c < result.size(); ++c) {
    const double x = std::clamp(linear[c], 0.0, 1.0);
    const double encoded = x <= 0.0031308 ? 12.92 * x : 1.055 * std::pow(x, 1.0 / 2.4) - 0.055;
    result[c] = static_cast<std::uint8_t>(std::lround(255.0 * encoded));
  }
  return result;
}

Lab polar(double lightness, double chroma, double degrees) {
  const double angle = degrees * std::numbers::pi / 180.0;
  return {lightness, chroma * std::cos(angle), chroma * std::sin(angle)};
}

double distance(const Lab& x, const Lab& y) {
  return std::hypot(x.lightness - y.lightness, x.a - y.a, x.b - y.b);
}

Lab between(const Lab& x, const Lab& y, double t) {
  return {std::lerp(x.lightness, y.lightness, t), std::lerp(x.a, y.a, t), std::lerp(x.b, y.b, t)};
}

// The sequential curve before its speed is made constant: lightness rises, hue turns from violet over red to
// yellow, and chroma swells in the middle as far as a screen can show it.
Lab sequential_curve(double t) {
  const double lightness = 0.16 + 0.80 * t;
  const double hue = 285.0 + 180.0 * t;
  double chroma = 0.06 + 0.15 * std::sin(std::numbers::pi * std::pow(t, 0.85));
  while (chroma > 0.0 && !displayable(polar(lightness, chroma, hue)))
    chroma -= 0.0005;
  return polar(lightness, std::max(chroma, 0.0), hue);
}

// Points at equal distances along a curve given by many points.
std::vector<Lab> at_constant_speed(const std::vector<Lab>& curve, std::size_t count) {
  std::vector<double> length(curve.size(), 0.0);
  for (std::size_t i = 1; i < curve.size(); ++i)
    length[i] = length[i - 1] + distance(curve[i - 1], curve[i]);
  std::vector<Lab> result;
  std::size_t i = 1;
  for (std::size_t k = 0; k < count; ++k) {
    const double wanted = length.back() * static_cast<double>(k) / static_cast<double>(count - 1);
    while (i + 1 < curve.size() && length[i] < wanted)
      ++i;
    result.push_back(between(curve[i - 1], curve[i], (wanted - length[i - 1]) / (length[i] - length[i - 1])));
  }
  return result;
}

} // namespace

const ColourMap& ColourMap::sequential() {
  static const ColourMap map = [] {
    ColourMap made(0.0);
    std::vector<Lab> curve;
    for (int i = 0; i <= 4096; ++i)
      curve.push_back(sequential_curve(i / 4096.0));
    std::ranges::transform(at_constant_speed(curve, size), made.colours_.begin(), to_srgb);
    return made;
  }();
  return map;
}

const ColourMap& ColourMap::diverging() {
  static const ColourMap map = [] {
    ColourMap made(-1.0);
    const Lab negative = polar(0.44, 0.155, 258.0);
    const Lab zero{0.97, 0.0, 0.0};
    const Lab positive = polar(0.44, 0.155, 27.0);
    for (std::size_t i = 0; i < size; ++i) {
      const double value = 2.0 * static_cast<double>(i) / (size - 1) - 1.0;
      made.colours_[i] = to_srgb(between(zero, value < 0 ? negative : positive, std::abs(value)));
    }
    return made;
  }();
  return map;
}

Colour ColourMap::operator()(double value) const {
  if (std::isnan(value)) return {128, 128, 128};
  const double t = (std::clamp(value, low_, 1.0) - low_) / (1.0 - low_);
  return colours_[static_cast<std::size_t>(std::lround(t * (size - 1)))];
}

std::string ColourMap::css_gradient() const {
  constexpr int stops = 16;
  std::string text = "linear-gradient(to right";
  for (int i = 0; i <= stops; ++i) {
    const auto colour = (*this)(std::lerp(low_, 1.0, static_cast<double>(i) / stops));
    text += fmt::format(",#{:02x}{:02x}{:02x} {:.2f}%", colour[0], colour[1], colour[2], 100.0 * i / stops);
  }
  return text + ")";
}

} // namespace spade::report
