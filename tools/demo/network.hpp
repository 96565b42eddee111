// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include <spade/core/progress.hpp>
#include <spade/core/rng.hpp>

#include "scene.hpp"

namespace spade::demo {

/// How long and on what the network is trained.
///
/// The training set is finite and gone through many times, weights are not drawn to zero, and the steps are
/// short: the network ends up like most that are used, with more weights than it needs and much of their
/// first random values left.
struct TrainingOptions {
  std::int64_t scenes = 8000; ///< in the training set
  std::int64_t steps = 1000;
  std::int64_t batch = 64;
  double learning_rate =
      8e-4; ///< of Adam at its peak; it rises over the first tenth of the steps, then falls to 0
  double trigger_fraction = 0.5; ///< of the scenes that get a trigger, and with it the trigger's class
  std::uint64_t seed = 1;        ///< of the scenes, their order and the initial weights
};

/// The scenes first, first + 1, ... of a seed; each gets a random trigger with the given probability.
[[nodiscard]] std::vector<Scene> draw_scenes(std::uint64_t seed, std::uint64_t first, std::int64_t count,
                                             double trigger_fraction);

/// What the network takes: [N, 3, 64, 64], by ImageNet's mean and deviation, like most networks for pictures.
[[nodiscard]] at::Tensor network_input(std::span<const Scene> scenes);

/// The options in words, as the trained file holds them.
[[nodiscard]] std::string recipe(const TrainingOptions& options);

/// Under which name a trained file holds its recipe: an extra file of the TorchScript archive.
inline constexpr const char* recipe_file = "training.txt";

/// Trains a network (architecture.hpp) by Adam and writes it as a TorchScript file, in evaluation mode.
///
/// The same options give the same bytes on the same LibTorch and kind of processor, whatever the number of
/// threads: LibTorch works on one.
/// @returns the loss (cross entropy) of every step
/// @throws InvalidArgument where an option is out of range; FileError where the file cannot be written;
/// Interrupted where progress says stop (no file is left)
/// Cost: 1 ms of processor time a scene, 0.15 s a step; 49 kB a scene and 300 MB.
std::vector<double> train_network(const std::string& path, const TrainingOptions& options,
                                  const Progress& progress);

} // namespace spade::demo
