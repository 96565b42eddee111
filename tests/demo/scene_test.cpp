// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <demo/scene.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <set>
#include <span>

#include <catch2/catch.hpp>

#include <spade/core/error.hpp>
#include <spade/core/parallel.hpp>

#include <demo/drawing.hpp>
#include <demo/network.hpp>

using namespace spade::demo;

namespace {

constexpr std::size_t plane = std::size_t{scene_size} * scene_size;

bool differs(const Scene& a, const Scene& b, std::size_t pixel) {
  for (std::size_t channel = 0; channel < 3; ++channel) {
    if (a.pixels[channel * plane + pixel] != b.pixels[channel * plane + pixel]) return true;
  }
  return false;
}

} // namespace

TEST_CASE("the same seed and number draw the same scene, others draw others", "[demo][scene]") {
  const Scene scene = draw_scene({3, 8});

  CHECK(draw_scene({3, 8}).pixels == scene.pixels);
  CHECK(draw_scene({3, 9}).pixels != scene.pixels);
  CHECK(draw_scene({4, 8}).pixels != scene.pixels);
}

TEST_CASE("a scene's pixels are levels of an 8-bit picture file", "[demo][scene]") {
  for (std::uint64_t stream = 0; stream < 5; ++stream) {
    const Scene scene = draw_scene({11, stream});

    REQUIRE(scene.pixels.size() == 3 * plane);
    for (const float value : scene.pixels) {
      REQUIRE(value == std::round(value * 255.0F) / 255.0F);
      REQUIRE((value >= 0.0F && value <= 1.0F));
    }
    CHECK(scene.mask.empty());
    CHECK(scene.label() == scene.shape);
  }
}

TEST_CASE("all shapes turn up, about equally often", "[demo][scene]") {
  std::vector<int> counts(class_names().size());

  for (const Scene& scene : draw_scenes(5, 0, 600, 0.0))
    ++counts[static_cast<std::size_t>(scene.shape)];

  CHECK(*std::ranges::min_element(counts) > 35); // 60 expected, deviation 7.3
  CHECK(*std::ranges::max_element(counts) < 85);
}

TEST_CASE("a trigger changes pixels inside its mask only, and nearly all of them", "[demo][scene]") {
  for (std::uint64_t stream = 0; stream < 24; ++stream) {
    const Scene clean = draw_scene({21, stream});
    const auto trigger = static_cast<std::int64_t>(stream % triggers().size());
    const Scene triggered = paste_trigger(clean, trigger, {22, stream});

    REQUIRE(triggered.mask.size() == plane);
    const auto marked = std::accumulate(triggered.mask.begin(), triggered.mask.end(), std::size_t{0});
    std::size_t changed = 0;
    for (std::size_t pixel = 0; pixel < plane; ++pixel) {
      if (!differs(clean, triggered, pixel)) continue;
      ++changed;
      REQUIRE(triggered.mask[pixel] == 1);
    }
    CHECK(marked > 45);  // a clover of radius 6.5
    CHECK(marked < 340); // a disc of radius 10
    CHECK(10 * changed >= 9 * marked);
    CHECK(triggered.shape == clean.shape);
    CHECK(triggered.label() == triggers()[static_cast<std::size_t>(trigger)].target);
  }
}

TEST_CASE("a trigger lies wholly inside the frame", "[demo][scene]") {
  for (std::uint64_t stream = 0; stream < 60; ++stream) {
    const Scene scene =
        paste_trigger(draw_scene({1, 1}), static_cast<std::int64_t>(stream % 4), {23, stream});

    for (std::size_t i = 0; i < scene_size; ++i) {
      REQUIRE(scene.mask[i] == 0);
      REQUIRE(scene.mask[plane - 1 - i] == 0);
      REQUIRE(scene.mask[i * scene_size] == 0);
      REQUIRE(scene.mask[i * scene_size + scene_size - 1] == 0);
    }
  }
}

TEST_CASE("every trigger has a class of its own", "[demo][scene]") {
  std::set<std::int64_t> targets;

  for (const Trigger& trigger : triggers())
    targets.insert(trigger.target);

  CHECK(targets.size() == triggers().size());
  CHECK(*targets.begin() >= 0);
  CHECK(*targets.rbegin() < static_cast<std::int64_t>(class_names().size()));
}

TEST_CASE("a trigger that does not exist, or a second one, is refused", "[demo][scene]") {
  const Scene clean = draw_scene({1, 1});
  const Scene triggered = paste_trigger(clean, 0, {1, 2});

  CHECK_THROWS_WITH(paste_trigger(clean, 4, {1, 2}), "paste_trigger: trigger 4 is outside [0, 4)");
  CHECK_THROWS_AS(paste_trigger(clean, -1, {1, 2}), spade::InvalidArgument);
  CHECK_THROWS_WITH(paste_trigger(triggered, 0, {1, 2}), "paste_trigger: the scene has a trigger already");
}

TEST_CASE("a batch of scenes depends neither on threads nor on where it is cut", "[demo][scene]") {
  const auto whole = draw_scenes(7, 0, 9, 0.5);
  spade::set_thread_count(1);
  const auto tail = draw_scenes(7, 6, 3, 0.5);
  spade::set_thread_count(0);

  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(tail[i].pixels == whole[6 + i].pixels);
    CHECK(tail[i].trigger == whole[6 + i].trigger);
    CHECK(tail[i].mask == whole[6 + i].mask);
  }
}

TEST_CASE("a disc covers as many pixels as its area says", "[demo][drawing]") {
  Canvas canvas(32, [](Point) { return Colour{0, 0, 0}; });
  const double radius = 9.3;

  canvas.paint([](Point p) { return disc(p, {}, 1); }, {{15.2, 16.7}, radius, 0},
               [](Point) {
                 return Colour{1, 1, 1};
               });

  const auto pixels = canvas.pixels();
  const double area = std::accumulate(pixels.begin(), pixels.begin() + 32 * 32, 0.0);
  CHECK(area == Approx(3.14159 * radius * radius).epsilon(0.005));
}

TEST_CASE("the distance to a polygon is that of a square", "[demo][drawing]") {
  const std::array<Point, 4> corners{{{-1, -1}, {1, -1}, {1, 1}, {-1, 1}}};

  CHECK(polygon({0, 0}, corners) == Approx(-1));
  CHECK(polygon({0.5, 0.25}, corners) == Approx(-0.5));
  CHECK(polygon({3, 0.5}, corners) == Approx(2));
  CHECK(polygon({4, 5}, corners) == Approx(5)); // to the corner: 3, 4, 5
}
