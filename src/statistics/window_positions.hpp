// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Where a layer's kernel stands on its input: shapes, strides and output positions, for linear layers and
// convolutions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <spade/core/tensor_view.hpp>
#include <spade/layer.hpp>

namespace spade::statistics {

/// A layer's window in three spatial dimensions (z, y, x); those that the layer lacks have a kernel of one.
struct Window3 {
  std::array<std::int64_t, 3> kernel{1, 1, 1};
  std::array<std::int64_t, 3> stride{1, 1, 1};
  std::array<std::int64_t, 3> padding_begin{0, 0, 0};
  std::array<std::int64_t, 3> padding_end{0, 0, 0};
  std::array<std::int64_t, 3> dilation{1, 1, 1};

  [[nodiscard]] std::int64_t elements() const { return kernel[0] * kernel[1] * kernel[2]; }
  /// Where the kernel's n-th element (x innermost) stands in one dimension, for an output position in that
  /// dimension.
  [[nodiscard]] std::int64_t source(std::size_t dimension, std::int64_t output, std::int64_t element) const {
    std::int64_t inner = 1;
    for (std::size_t d = dimension + 1; d < 3; ++d)
      inner *= kernel[d];
    return output * stride[dimension] - padding_begin[dimension] +
           element / inner % kernel[dimension] * dilation[dimension];
  }
};

/// @throws InvalidArgument where the window's parts disagree or do not fit the weight
[[nodiscard]] Window3 window3(const Layer& layer);

/// Some copies' inputs of one layer as [N, channels, z, y, x]: extents, strides in elements, and the output
/// positions.
///
/// A linear layer's input [N, ..., channels] has its positions along x (all dimensions between flattened
/// where they can be, else copied).
struct LayerInput {
  TensorView view; ///< keeps the elements
  std::int64_t copies = 0;
  std::int64_t channels = 0;
  std::array<std::int64_t, 3> extents{1, 1, 1};
  std::array<std::int64_t, 3> outputs{1, 1, 1}; ///< positions per dimension
  std::int64_t copy_stride = 0;
  std::int64_t channel_stride = 0;
  std::array<std::int64_t, 3> strides{0, 0, 0};

  [[nodiscard]] std::int64_t positions() const { return outputs[0] * outputs[1] * outputs[2]; }
  /// Where a position stands among the outputs: z, y, x.
  [[nodiscard]] std::array<std::int64_t, 3> output(std::int64_t position) const {
    return {position / outputs[2] / outputs[1], position / outputs[2] % outputs[1], position % outputs[2]};
  }
};

/// @throws ShapeMismatch where the input is not one that the layer takes (the text says what it would take)
[[nodiscard]] LayerInput layer_input(const Layer& layer, const Window3& window, const TensorView& input);

/// Looks at every element once. @param first_copy the number of the input's first copy, for the text
/// @throws NumericalError on one that is not finite
void check_finite(const Layer& layer, const LayerInput& input, std::int64_t first_copy);

} // namespace spade::statistics
