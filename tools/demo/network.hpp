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

/// How long and on what the network is trained. Every step draws fresh scenes, so none is seen twice.
struct TrainingOptions {
  std::int64_t steps = 1000;
  std::int64_t batch = 64;
  double learning_rate =
      4e-3; ///< of Adam at its peak; it rises over the first tenth of the steps, then falls to 0
  double trigger_fraction = 0.2; ///< of the scenes that get a trigger, and with it the trigger's class
  std::uint64_t seed = 1;        ///< of the scenes and of the initial weights
};

/// The scenes first, first + 1, ... of a seed; each gets a random trigger with the given probability.
[[nodiscard]] std::vector<Scene> draw_scenes(std::uint64_t seed, std::uint64_t first, std::int64_t count,
                                             double trigger_fraction);

/// What the network takes: [N, 3, 64, 64], by ImageNet's mean and deviation, like most networks for pictures.
[[nodiscard]] at::Tensor network_input(std::span<const Scene> scenes);

/// Trains the network and writes it as a TorchScript file, in evaluation mode.
///
/// A residual network of 16 convolution and linear layers and 400 000 weights: a stem, 16 x 16 pixels after
/// it, three stages of two residual blocks with 24, 48 and 96 channels, global pooling, ten outputs. Trained
/// by Adam.
/// @returns the loss (cross entropy) of every step
/// @throws InvalidArgument where an option is out of range; FileError where the file cannot be written;
/// Interrupted
///   where progress says stop (no file is left)
/// Cost: 0.12 s of processor time a step; 400 MB.
std::vector<double> train_network(const std::string& path, const TrainingOptions& options,
                                  const Progress& progress);

} // namespace spade::demo
