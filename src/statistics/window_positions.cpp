// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "window_positions.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <spade/core/error.hpp>

namespace spade::statistics {
namespace {

/// A layer's list for its last dimensions, the missing first ones left at their default.
void fill_last(std::array<std::int64_t, 3>& target, const std::vector<std::int64_t>& values) {
  std::ranges::copy(values, target.end() - static_cast<std::ptrdiff_t>(values.size()));
}

/// A copy of the elements in row-major order, of the same element type.
TensorView row_major(const TensorView& view) {
  if (view.scalar_type() == ScalarType::Float32)
    return TensorView::owning(view.to_vector<float>(), view.extents());
  return TensorView::owning(view.to_vector<double>(), view.extents());
}

LayerInput linear_input(const Layer& layer, const TensorView& input) {
  const std::int64_t channels = layer.groups() * layer.columns();
  const std::size_t rank = input.rank();
  if (rank < 2 || input.extent(rank - 1) != channels) {
    throw ShapeMismatch(message("statistics: layer '", layer.name, "' takes inputs [N, ..., ", channels,
                                "]; this one is ", shape_text(input.extents())));
  }
  // Dimensions between are one run of positions where each steps over the whole of the next.
  const auto flattens = [&](const TensorView& view) {
    for (std::size_t d = 1; d + 2 < rank; ++d) {
      if (view.strides()[d] != view.strides()[d + 1] * view.extent(d + 1)) return false;
    }
    return true;
  };
  LayerInput result;
  result.view = flattens(input) ? input : row_major(input);
  const auto strides = result.view.strides();
  result.copies = input.extent(0);
  result.channels = channels;
  for (std::size_t d = 1; d + 1 < rank; ++d)
    result.extents[2] *= input.extent(d);
  result.outputs = result.extents;
  result.copy_stride = strides[0];
  result.channel_stride = strides[rank - 1];
  if (rank > 2) result.strides[2] = strides[rank - 2];
  return result;
}

template <class T> void check_elements(const Layer& layer, const LayerInput& input, std::int64_t first_copy) {
  const T* data = input.view.data<T>();
  for (std::int64_t copy = 0; copy < input.copies; ++copy) {
    for (std::int64_t channel = 0; channel < input.channels; ++channel) {
      for (std::int64_t z = 0; z < input.extents[0]; ++z) {
        for (std::int64_t y = 0; y < input.extents[1]; ++y) {
          const T* row = data + copy * input.copy_stride + channel * input.channel_stride +
                         z * input.strides[0] + y * input.strides[1];
          for (std::int64_t x = 0; x < input.extents[2]; ++x) {
            const T value = row[x * input.strides[2]];
            if (!std::isfinite(value)) {
              throw NumericalError(message("statistics: the input of layer '", layer.name,
                                           "' holds the value ", value, " in copy ", first_copy + copy,
                                           ", channel ", channel));
            }
          }
        }
      }
    }
  }
}

} // namespace

Window3 window3(const Layer& layer) {
  const Window& window = layer.window;
  const std::size_t rank = window.kernel.size();
  if (rank > 3)
    throw InvalidArgument(
        message("statistics: layer '", layer.name, "' has a window of ", rank, " dimensions; at most 3"));
  const auto checked = [&](const std::vector<std::int64_t>& values, const char* name,
                           std::int64_t least) -> const auto& {
    if (values.size() != rank ||
        std::ranges::any_of(values, [least](std::int64_t value) { return value < least; })) {
      throw InvalidArgument(message("statistics: layer '", layer.name, "' has ", name, " ",
                                    shape_text(values), "; a window ", shape_text(window.kernel), " needs ",
                                    rank, " values of at least ", least));
    }
    return values;
  };
  Window3 result;
  fill_last(result.kernel, checked(window.kernel, "kernel", 1));
  fill_last(result.stride, checked(window.stride, "stride", 1));
  fill_last(result.padding_begin, checked(window.padding_begin, "padding_begin", 0));
  fill_last(result.padding_end, checked(window.padding_end, "padding_end", 0));
  fill_last(result.dilation, checked(window.dilation, "dilation", 1));
  if (layer.weight.rank() != 3 || layer.columns() % result.elements() != 0) {
    throw InvalidArgument(
        message("statistics: layer '", layer.name, "' has a weight ", shape_text(layer.weight.extents()),
                "; it must be [G, R, C] with C a multiple of the window's ", result.elements(), " elements"));
  }
  return result;
}

LayerInput layer_input(const Layer& layer, const Window3& window, const TensorView& input) {
  if (layer.window.empty()) return linear_input(layer, input);
  const std::size_t spatial = layer.window.kernel.size();
  const std::int64_t channels = layer.groups() * layer.columns() / window.elements();
  if (input.rank() != spatial + 2 || input.extent(1) != channels) {
    throw ShapeMismatch(message("statistics: layer '", layer.name, "' takes inputs [N, ", channels, "] with ",
                                spatial, " spatial dimensions; this one is ", shape_text(input.extents())));
  }
  LayerInput result;
  result.view = input;
  result.copies = input.extent(0);
  result.channels = channels;
  result.copy_stride = input.strides()[0];
  result.channel_stride = input.strides()[1];
  for (std::size_t d = 0; d < spatial; ++d) {
    const std::size_t slot = 3 - spatial + d;
    const std::int64_t reach = window.dilation[slot] * (window.kernel[slot] - 1) + 1;
    if (input.extent(d + 2) < 1) {
      throw ShapeMismatch(message("statistics: the input ", shape_text(input.extents()), " of layer '",
                                  layer.name, "' has no elements; a map has at least one pixel"));
    }
    const std::int64_t padded = input.extent(d + 2) + window.padding_begin[slot] + window.padding_end[slot];
    if (padded < reach) {
      throw ShapeMismatch(message("statistics: layer '", layer.name, "' has a window that spans ", reach,
                                  " elements, the padded input ", shape_text(input.extents()), " only ",
                                  padded));
    }
    result.extents[slot] = input.extent(d + 2);
    result.strides[slot] = input.strides()[d + 2];
    result.outputs[slot] = (padded - reach) / window.stride[slot] + 1;
  }
  return result;
}

void check_finite(const Layer& layer, const LayerInput& input, std::int64_t first_copy) {
  if (input.view.scalar_type() == ScalarType::Float32) {
    check_elements<float>(layer, input, first_copy);
  } else {
    check_elements<double>(layer, input, first_copy);
  }
}

} // namespace spade::statistics
