// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include <benchmark/benchmark.h>

#include <spade/layer_graph.hpp>

namespace spade::benchmarks {

/// A network in a file that does not come with the project, for square pictures of three channels.
struct NetworkFile {
  std::string name;     ///< in the benchmark's name
  std::string variable; ///< of the environment: chooses the folder
  std::filesystem::path folder;
  std::string path;  ///< in the folder
  std::int64_t edge; ///< of the pictures, in pixels
};

/// torchvision's ResNet-50 as a TorchScript trace, at 224 pixels.
[[nodiscard]] const NetworkFile& resnet50();
/// The shared kit's ResNet-18, at 64 pixels.
[[nodiscard]] const NetworkFile& resnet18();

/// The network, loaded at its first use; null where there is no such file, and then the benchmark is skipped
/// with a word on what is missing.
[[nodiscard]] const LayerGraph* load(const NetworkFile& file, benchmark::State& state);

} // namespace spade::benchmarks
