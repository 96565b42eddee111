// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// The layers whose Gram matrices are gathered here, and numbers for their inputs.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <spade/core/rng.hpp>
#include <spade/layer.hpp>

namespace spade::benchmarks {

using Shape = std::vector<std::int64_t>;

/// A square convolution with padding of half its kernel; `edge` 0 is a linear layer.
struct Shapes {
  std::int64_t channels;
  std::int64_t edge;
  std::int64_t kernel = 3;
  std::int64_t stride = 1;
  std::int64_t groups = 1;
  std::int64_t how_many = 1; ///< such layers in the network
};

inline Layer layer_of(const Shapes& shape) {
  const std::int64_t columns = shape.channels / shape.groups * shape.kernel * shape.kernel;
  const Shape weight{shape.groups, 1, columns};
  Layer layer{
      "layer",
      TensorView::owning(std::vector<float>(static_cast<std::size_t>(shape.groups * columns)), weight),
      {}};
  if (shape.edge == 0) return layer;
  const Shape padding(2, shape.kernel / 2);
  layer.window = {Shape(2, shape.kernel), Shape(2, shape.stride), padding, padding, Shape(2, 1)};
  return layer;
}

/// Uniform numbers: [copies, channels, edge, edge], or [copies, channels].
inline std::vector<float> inputs(const Shapes& shape, std::int64_t copies) {
  RandomStream stream(1, 0);
  std::vector<float> values(
      static_cast<std::size_t>(copies * shape.channels * std::max<std::int64_t>(1, shape.edge * shape.edge)));
  for (auto& value : values)
    value = static_cast<float>(stream.uniform());
  return values;
}

} // namespace spade::benchmarks
