// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "texture.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

namespace spade::demo {
namespace {

using std::numbers::pi;

// From hue (in turns), saturation and value.
Colour hsv(double hue, double saturation, double value) {
  Colour result{};
  for (int c = 0; c < 3; ++c) {
    const double turn = hue - std::floor(hue);
    const double sector = std::fmod(6 * turn + 5 - 2 * c, 6.0);
    result[static_cast<std::size_t>(c)] =
        value * (1 - saturation * std::clamp(std::min(sector, 4 - sector), 0.0, 1.0));
  }
  return result;
}

// Random values on a square lattice, smoothly interpolated: clouds as large as a lattice cell.
std::function<double(Point)> clouds(RandomStream& random, double cell) {
  constexpr int edge = 18;
  std::vector<double> lattice(edge * edge);
  for (double& value : lattice)
    value = random.uniform();
  return [lattice, cell](Point p) {
    const double x = p.x / cell;
    const double y = p.y / cell;
    const auto smooth = [](double t) { return t * t * (3 - 2 * t); };
    const double wx = smooth(x - std::floor(x));
    const double wy = smooth(y - std::floor(y));
    const auto at = [&](int row, int column) {
      return lattice[static_cast<std::size_t>((row % edge) * edge + column % edge)];
    };
    const int row = static_cast<int>(y);
    const int column = static_cast<int>(x);
    return (at(row, column) * (1 - wx) + at(row, column + 1) * wx) * (1 - wy) +
           (at(row + 1, column) * (1 - wx) + at(row + 1, column + 1) * wx) * wy;
  };
}

// Clouds of five sizes, each half as large as the one before and fainter, around 0.5 in [0, 1].
std::function<double(Point)> fractal(RandomStream& random) {
  const double persistence = random.uniform(0.5, 0.9);
  double cell = random.uniform(24, 40);
  double amplitude = 1;
  double power = 0;
  std::vector<std::pair<double, std::function<double(Point)>>> octaves;
  for (int octave = 0; octave < 5; ++octave) {
    octaves.emplace_back(amplitude, clouds(random, cell));
    power += amplitude * amplitude;
    amplitude *= persistence;
    cell /= 2;
  }
  return [octaves, contrast = 1.6 / std::sqrt(power)](Point p) {
    double sum = 0;
    for (const auto& [weight, field] : octaves)
      sum += weight * (field(p) - 0.5);
    return std::clamp(0.5 + contrast * sum, 0.0, 1.0);
  };
}

} // namespace

Colour any_colour(RandomStream& random) {
  Colour result{};
  for (double& channel : result)
    channel = random.uniform();
  return result;
}

Colour dull_colour(RandomStream& random) {
  const double hue = random.uniform();
  const double saturation = random.uniform(0, 0.4);
  return hsv(hue, saturation, random.uniform(0.05, 1.0));
}

Colour bright_colour(RandomStream& random, double hue) {
  const double saturation = random.uniform(0.6, 1.0);
  return hsv(hue, saturation, random.uniform(0.6, 1.0));
}

Colour muted_colour(RandomStream& random, double hue) {
  const double saturation = random.uniform(0.3, 0.7);
  return hsv(hue + 0.03 * random.normal(), saturation, random.uniform(0.3, 1.0));
}

Ink draw_ink(RandomStream& random, const Colour& a, const Colour& b) {
  const std::int64_t kind = random.integer(4);
  const double angle = random.uniform(0, 2 * pi);
  const double frequency = random.uniform(0.35, 1.1);
  const auto turned = [cosine = std::cos(angle), sine = std::sin(angle)](Point p) {
    return Point{cosine * p.x + sine * p.y, cosine * p.y - sine * p.x};
  };
  const auto wave = [frequency](double x) { return std::clamp(0.5 + std::sin(frequency * x), 0.0, 1.0); };
  std::function<double(Point)> weight;
  switch (kind) {
  case 0:
    weight = clouds(random, random.uniform(4, 12));
    break;
  case 1:
    weight = [=](Point p) { return wave(turned(p).x); };
    break;
  case 2:
    weight = [=](Point p) { return 0.5 + 2 * (wave(turned(p).x) - 0.5) * (wave(turned(p).y) - 0.5); };
    break;
  default:
    weight = [=](Point p) { return std::clamp(0.5 + turned({p.x - 32, p.y - 32}).x / 64, 0.0, 1.0); };
  }
  return [=](Point p) { return mix(a, b, weight(p)); };
}

Ink draw_landscape(RandomStream& random, const Colour& home) {
  const Colour other = dull_colour(random);
  const Colour third = any_colour(random);
  const auto coarse = fractal(random);
  const auto fine = fractal(random);
  const double angle = random.uniform(0, 2 * pi);
  const double slope = random.uniform(0, 0.5) / 45; // 45 pixels from the centre to a corner
  return [=](Point p) {
    Colour colour = mix(mix(home, other, coarse(p)), third, 0.7 * fine(p));
    const double light = 1 + slope * ((p.x - 32) * std::cos(angle) + (p.y - 32) * std::sin(angle));
    for (double& channel : colour)
      channel *= light;
    return colour;
  };
}

} // namespace spade::demo
