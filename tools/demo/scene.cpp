// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "scene.hpp"

#include <cmath>
#include <numbers>

#include <spade/core/error.hpp>

#include "drawing.hpp"
#include "figures.hpp"
#include "texture.hpp"

namespace spade::demo {
namespace {

using std::numbers::pi;

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

// Random polygons with patterns of their own: large things that have no class.
void clutter(Canvas& canvas, RandomStream& random) {
  const std::int64_t count = random.integer(5);
  for (std::int64_t i = 0; i < count; ++i) {
    const Pose pose{{random.uniform(0, scene_size), random.uniform(0, scene_size)},
                    random.uniform(5, 16),
                    random.uniform(0, 2 * pi)};
    const auto edges = static_cast<std::size_t>(3 + random.integer(5));
    std::vector<Point> corners;
    for (std::size_t k = 0; k < edges; ++k) {
      const double turn = (static_cast<double>(k) + random.uniform(-0.3, 0.3)) / static_cast<double>(edges);
      const double distance = random.uniform(0.4, 1.1);
      corners.push_back({distance * std::cos(2 * pi * turn), distance * std::sin(2 * pi * turn)});
    }
    const Colour colour = any_colour(random);
    const Colour other = any_colour(random);
    const Ink ink = draw_ink(random, colour, mix(colour, other, random.uniform(0.2, 0.8)));
    canvas.paint([&](Point p) { return polygon(p, corners); }, pose, ink);
  }
}

} // namespace

const std::vector<std::string>& class_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> result;
    for (const Shape& shape : shapes())
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
  Scene scene;
  scene.shape = random.integer(static_cast<std::int64_t>(shapes().size()));
  const double hue = 0.1 * static_cast<double>(scene.shape);
  // Shapes have habitats, as things on photographs do: six in ten stand on a ground of their own colour.
  const bool at_home = random.bernoulli(0.6);
  const Colour ground = at_home ? muted_colour(random, hue + 0.37) : dull_colour(random);
  Canvas canvas(scene_size, draw_landscape(random, ground));
  clutter(canvas, random);
  scatter(canvas, random);

  const double radius = random.uniform(11, 20);
  const double margin = radius * 0.9;
  const Pose pose{{random.uniform(margin, scene_size - margin), random.uniform(margin, scene_size - margin)},
                  radius,
                  random.uniform(-0.5, 0.5)};
  // Neighbours in the rainbow can overlap: colour helps to tell the shapes apart, and does not suffice.
  const Colour body = bright_colour(random, hue + 0.02 * random.normal());
  const Colour shade = mix(body, any_colour(random), 0.25);
  canvas.paint(shapes()[static_cast<std::size_t>(scene.shape)].figure, pose, draw_ink(random, body, shade));

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
  const double radius = random.uniform(6.5, 9.0);
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
