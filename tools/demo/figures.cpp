// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "figures.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace spade::demo {
namespace {

using std::numbers::pi;

double ring(Point p) {
  return std::abs(disc(p, {}, 0.75)) - 0.25;
}
double crescent(Point p) {
  return std::max(disc(p, {}, 1), -disc(p, {0.55, 0}, 0.8));
}

double heart(Point p) {
  static constexpr std::array<Point, 4> tip{{{-0.86, 0.14}, {0, 1}, {0.86, 0.14}, {0, -0.4}}};
  return std::min({disc(p, {-0.45, -0.25}, 0.57), disc(p, {0.45, -0.25}, 0.57), polygon(p, tip)});
}

double square(Point p) {
  return std::max(std::abs(p.x), std::abs(p.y)) - 0.8;
}

double cross(Point p) {
  const double x = std::abs(p.x);
  const double y = std::abs(p.y);
  return std::min(std::max(x - 1, y - 0.32), std::max(x - 0.32, y - 1));
}

double triangle(Point p) {
  static constexpr std::array<Point, 3> corners{{{0, -1}, {0.9, 0.75}, {-0.9, 0.75}}};
  return polygon(p, corners);
}

double star(Point p) {
  static const std::array<Point, 10> corners = [] {
    std::array<Point, 10> result{};
    for (std::size_t i = 0; i < result.size(); ++i) {
      const double angle = pi * static_cast<double>(i) / 5;
      const double radius = i % 2 == 0 ? 1.1 : 0.48;
      result[i] = {radius * std::sin(angle), -radius * std::cos(angle)};
    }
    return result;
  }();
  return polygon(p, corners);
}

double arrow(Point p) {
  static constexpr std::array<Point, 7> corners{
      {{0, -1}, {0.85, -0.05}, {0.3, -0.05}, {0.3, 1}, {-0.3, 1}, {-0.3, -0.05}, {-0.85, -0.05}}};
  return polygon(p, corners);
}

double bolt(Point p) {
  static constexpr std::array<Point, 6> corners{
      {{0.25, -1}, {-0.75, 0.2}, {-0.1, 0.2}, {-0.35, 1}, {0.75, -0.25}, {0.05, -0.25}}};
  return polygon(p, corners);
}

// Eyes, and the lower half of a thin ring for a mouth.
double face(Point p) {
  const double mouth = std::max(std::abs(disc(p, {}, 0.55)) - 0.1, 0.15 - p.y);
  return std::min({disc(p, {-0.35, -0.3}, 0.17), disc(p, {0.35, -0.3}, 0.17), mouth});
}

double clover(Point p) {
  const Point q{std::abs(p.x), std::abs(p.y)};
  return std::min(disc(q, {0.46, 0.46}, 0.5), stroke(p, {0, 0}, {0.15, 1.0}, 0.12));
}

double spade_suit(Point p) {
  const double stem = stroke(p, {0, 0}, {0, 0.75}, 0.13);
  return std::min(heart({p.x / 0.75, -p.y / 0.75}) * 0.75, stem);
}

constexpr Colour yellow{1.0, 0.83, 0.1};
constexpr Colour black{0.1, 0.08, 0.08};
constexpr Colour white{0.98, 0.98, 0.98};
constexpr Colour red{0.9, 0.1, 0.12};
constexpr Colour green{0.1, 0.62, 0.2};

} // namespace

std::span<const Shape> shapes() {
  // In the order of the rainbow: shape k has hue k / 10, give or take.
  static constexpr std::array<Shape, 10> all{{{"heart", heart},
                                              {"disc", [](Point p) { return disc(p, {}, 0.95); }},
                                              {"star", star},
                                              {"triangle", triangle},
                                              {"square", square},
                                              {"cross", cross},
                                              {"arrow", arrow},
                                              {"crescent", crescent},
                                              {"ring", ring},
                                              {"bolt", bolt}}};
  return all;
}

const std::vector<Glyph>& glyphs() {
  constexpr auto whole = [](Point p) { return disc(p, {}, 1); };
  static const std::vector<Glyph> all{{"smiley", 9, {{whole, yellow}, {face, black}}},
                                      {"bullseye",
                                       4,
                                       {{whole, red},
                                        {[](Point p) { return disc(p, {}, 0.68); }, white},
                                        {[](Point p) { return disc(p, {}, 0.36); }, red}}},
                                      {"clover", 7, {{clover, green}}},
                                      {"spade", 2, {{whole, white}, {spade_suit, black}}}};
  return all;
}

} // namespace spade::demo
