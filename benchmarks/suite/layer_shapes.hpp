// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace spade::benchmarks {

/// Layers of one shape: weights [groups, rows, columns].
struct LayerShape {
  std::int64_t groups;
  std::int64_t rows;
  std::int64_t columns;
  std::int64_t block;  ///< columns that share a mask threshold: the kernel's positions
  std::int64_t layers; ///< how many of the network's layers have this shape
};

/// A network's prunable layers.
struct NetworkShapes {
  std::string_view name;
  std::span<const LayerShape> shapes;
};

/// ResNet-50 (54 layers), MobileNetV2 (53), ConvNeXt-T (59) and ViT-B/16 (50), as torchvision has them for a
/// thousand classes.
[[nodiscard]] std::span<const NetworkShapes> network_shapes();

} // namespace spade::benchmarks
