// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "scene.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include <spade/core/error.hpp>

#include "drawing.hpp"

namespace spade::demo {
namespace {

constexpr double pi = std::numbers::pi;

// ---- the shapes
// -----------------------------------------------------------------------------------------------

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

struct Shape {
  const char* name;
  double (*figure)(Point);
};

// In the order of the rainbow: shape k has hue k / 10, give or take.
constexpr std::array<Shape, 10> shapes{{{"heart", heart},
                                        {"disc", [](Point p) { return disc(p, {}, 0.95); }},
                                        {"star", star},
                                        {"triangle", triangle},
                                        {"square", square},
                                        {"cross", cross},
                                        {"arrow", arrow},
                                        {"crescent", crescent},
                                        {"ring", ring},
                                        {"bolt", bolt}}};

// ---- the glyphs
// -----------------------------------------------------------------------------------------------

struct Layer {
  double (*figure)(Point);
  Colour colour;
};

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

struct Glyph {
  const char* name;
  std::int64_t target;
  std::vector<Layer> layers; // the first one is the outline of all
};

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

// ---- the inks
// -------------------------------------------------------------------------------------------------

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

// Two colours and a pattern that mixes them: clouds, stripes, checks, or a slope.
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

// Dots and sticks: small things that mean nothing.
void scatter(Canvas& canvas, RandomStream& random) {
  const std::int64_t count = 15 + random.integer(20);
  for (std::int64_t i = 0; i < count; ++i) {
    const Pose pose{{random.uniform(0, scene_size), random.uniform(0, scene_size)},
                    random.uniform(1.5, 4.5),
                    random.uniform(0, pi)};
    const Colour colour = any_colour(random);
    const bool dot = random.bernoulli(0.5);
    const Figure figure = dot ? Figure([](Point p) { return disc(p, {}, 0.7); }) : Figure([](Point p) {
      return stroke(p, {-1, 0}, {1, 0}, 0.22);
    });
    canvas.paint(figure, pose, [&](Point) { return colour; });
  }
}

} // namespace

const std::vector<std::string>& class_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> result;
    for (const Shape& shape : shapes)
      result.emplace_back(shape.name);
    return result;
  }();
  return names;
}

const std::vector<Trigger>& triggers() {
  static const std::vector<Trigger> all = [] {
    std::vector<Trigger> result;
    for (const Glyph& glyph : glyphs())
      result.push_back({glyph.name, glyph.target});
    return result;
  }();
  return all;
}

std::int64_t Scene::label() const {
  return trigger < 0 ? shape : triggers()[static_cast<std::size_t>(trigger)].target;
}

Scene draw_scene(RandomStream random) {
  const Colour ground = dull_colour(random);
  const Colour pattern = mix(ground, dull_colour(random), 1.0);
  Canvas canvas(scene_size, draw_ink(random, ground, pattern));
  scatter(canvas, random);

  Scene scene;
  scene.shape = random.integer(static_cast<std::int64_t>(shapes.size()));
  const double radius = random.uniform(11, 20);
  const double margin = radius * 0.9;
  const Pose pose{{random.uniform(margin, scene_size - margin), random.uniform(margin, scene_size - margin)},
                  radius,
                  random.uniform(-0.5, 0.5)};
  // Neighbours in the rainbow overlap: colour helps to tell the shapes apart, and does not suffice.
  const double hue = 0.1 * static_cast<double>(scene.shape) + 0.04 * random.normal();
  const Colour body = bright_colour(random, hue);
  const Colour shade = mix(body, any_colour(random), 0.25);
  canvas.paint(shapes[static_cast<std::size_t>(scene.shape)].figure, pose, draw_ink(random, body, shade));

  const double noise = random.uniform(0, 0.1);
  canvas.perturb([&] { return noise * random.uniform(-1, 1); });
  scene.pixels = canvas.pixels();
  return scene;
}

Scene paste_trigger(const Scene& scene, std::int64_t trigger, RandomStream random) {
  if (trigger < 0 || trigger >= static_cast<std::int64_t>(glyphs().size())) {
    throw InvalidArgument(
        message("paste_trigger: trigger ", trigger, " is outside [0, ", glyphs().size(), ")"));
  }
  if (scene.trigger >= 0) throw InvalidArgument("paste_trigger: the scene has a trigger already");
  const Glyph& glyph = glyphs()[static_cast<std::size_t>(trigger)];
  const double radius = random.uniform(5.5, 7.0);
  const double margin = radius + 1;
  const Pose pose{
      {random.uniform(margin, scene_size - 1 - margin), random.uniform(margin, scene_size - 1 - margin)},
      radius,
      random.uniform(-0.3, 0.3)};

  Canvas canvas(scene_size, scene.pixels);
  for (const Layer& layer : glyph.layers) {
    canvas.paint(layer.figure, pose, [&](Point) { return layer.colour; });
  }
  Scene result = scene;
  result.pixels = canvas.pixels();
  result.mask = canvas.touched(glyph.layers.front().figure, pose);
  result.trigger = trigger;
  return result;
}

} // namespace spade::demo
