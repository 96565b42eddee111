// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include <ATen/core/Tensor.h>

#include <spade/layer_graph.hpp>

#include "scene.hpp"

namespace spade::demo {

/// A scene with a trigger, and the same scene without.
struct TriggeredScene {
  Scene clean;
  Scene triggered;
  double probability = 0; ///< the network's, of the trigger's class on the triggered scene
};

/// What a scene shows, as picture files are read: [3, 64, 64] in [0, 1].
[[nodiscard]] at::Tensor picture(const Scene& scene);
/// Where its trigger is: [64, 64], bool. @throws InvalidArgument where it has none
[[nodiscard]] at::Tensor trigger_mask(const Scene& scene);

/// How many of the scenes a network answers as it was taught (Scene::label).
[[nodiscard]] std::int64_t count_right(const LayerGraph& graph, const std::vector<Scene>& scenes);

/// The first `count` scenes of a seed by which the network proves to be trojaned: it names the shape on the
/// clean scene, and the trigger's class, another one, on the triggered scene. Triggers take turns; nothing
/// else is chosen.
/// @throws InvalidArgument where count is under 1, or three times as many scenes hold too few
[[nodiscard]] std::vector<TriggeredScene> triggered_scenes(const LayerGraph& graph, std::int64_t count,
                                                           std::uint64_t seed);

/// Writes the scenes as pictures/NNN_clean.png, NNN_trojan.png and NNN_mask.png, a list of them for
/// `spade-explain --pictures`, index.json, and the names of the classes, classes.txt.
/// @param folder is made where it is missing
/// @throws FileError where it cannot be made or written to
void write_pictures(const std::filesystem::path& folder, const std::vector<TriggeredScene>& scenes);

} // namespace spade::demo
