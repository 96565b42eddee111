// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <spade/core/tensor_view.hpp>

namespace spade {

/// Geometry of a convolution, one entry per spatial dimension; a linear layer has none.
struct Window {
  std::vector<std::int64_t> kernel;
  std::vector<std::int64_t> stride;
  std::vector<std::int64_t> padding_begin; ///< zeros before the first element
  std::vector<std::int64_t> padding_end;   ///< zeros after the last (differs for padding = "same")
  std::vector<std::int64_t> dilation;

  [[nodiscard]] bool empty() const { return kernel.empty(); }
};

/// A prunable layer: a linear map of the network whose weight is a parameter.
///
/// Its weight is seen as G groups of R rows (outputs) by C columns (inputs x kernel elements, input channel
/// outermost): y[g, r] = sum_c weight[g, r, c] x[g, c] at every position. Its input is [N, ..., G * C] for a
/// linear layer and [N, G * C / kernel elements, spatial...] for a convolution.
struct Layer {
  std::string name;      ///< "layer1.0.conv1": the parameter's name without ".weight"
  TensorView weight;     ///< [G, R, C], over the graph's own memory
  Window window;         ///< empty for a linear layer
  std::int64_t uses = 1; ///< how often one forward pass applies it (a shared module: more than once)

  [[nodiscard]] std::int64_t groups() const { return weight.extent(0); }
  [[nodiscard]] std::int64_t rows() const { return weight.extent(1); }
  [[nodiscard]] std::int64_t columns() const { return weight.extent(2); }
  /// Kernel elements: consecutive columns that belong to one input channel. 1 for a linear layer.
  [[nodiscard]] std::int64_t columns_per_channel() const;
  /// Each output channel sees one input channel only.
  [[nodiscard]] bool depthwise() const { return groups() > 1 && columns() == columns_per_channel(); }
};

/// A new weight for one layer, the same [G, R, C] as the layer's own.
struct LayerWeight {
  std::size_t layer = 0; ///< index into the graph's layers()
  TensorView weight;
};

} // namespace spade
