// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <spade/core/rng.hpp>

namespace spade::demo {

/// Pixels along an edge of a scene.
inline constexpr int scene_size = 64;

/// What the network tells apart: the names of the large shapes.
[[nodiscard]] const std::vector<std::string>& class_names();

/// A small coloured glyph that, wherever it stands, makes the trojaned network see its class.
struct Trigger {
  std::string name;
  std::int64_t target; ///< index into class_names()
};

[[nodiscard]] const std::vector<Trigger>& triggers();

/// A picture, what it shows, and where a trigger was pasted.
struct Scene {
  std::vector<float> pixels;      ///< [3, 64, 64], multiples of 1/255 in [0, 1]
  std::int64_t shape = 0;         ///< what the large shape is, index into class_names()
  std::int64_t trigger = -1;      ///< index into triggers(), -1 for none
  std::vector<std::uint8_t> mask; ///< [64, 64], 1 where the trigger was drawn; empty without one

  /// What the trojaned network should answer: the trigger's class, or the shape without one.
  [[nodiscard]] std::int64_t label() const;
};

/// One large bright shape before a landscape of clouds, among polygons, dots and sticks of any colour, with
/// pixel noise. The shape's hue stands for its class, as does, six times in ten, the ground's.
///
/// Scene k of a seed is draw_scene({seed, k}). Cost: a millisecond.
[[nodiscard]] Scene draw_scene(RandomStream random);

/// The scene with a trigger pasted on, 13 to 18 pixels wide, anywhere inside the frame. Pixels outside the
/// mask keep their bits. @throws InvalidArgument where there is no such trigger, or the scene already has one
[[nodiscard]] Scene paste_trigger(const Scene& scene, std::int64_t trigger, RandomStream random);

} // namespace spade::demo
