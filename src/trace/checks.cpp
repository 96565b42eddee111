// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/trace/checks.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

#include <spade/core/error.hpp>

namespace spade::trace {
namespace {

/// The first element that is not finite, in row-major order.
template <class T>
std::optional<T> first_not_finite(const T* data, std::span<const std::int64_t> extents,
                                  std::span<const std::int64_t> strides) {
  if (extents.empty()) return std::isfinite(*data) ? std::nullopt : std::optional<T>(*data);
  if (extents.size() == 1 && strides[0] == 1) {
    const T* end = data + extents[0];
    const T* found = std::find_if(data, end, [](T value) { return !std::isfinite(value); });
    return found == end ? std::nullopt : std::optional<T>(*found);
  }
  for (std::int64_t i = 0; i < extents[0]; ++i) {
    if (const auto found = first_not_finite(data + i * strides[0], extents.subspan(1), strides.subspan(1)))
      return found;
  }
  return std::nullopt;
}

std::optional<double> first_not_finite(const TensorView& view) {
  if (view.size() == 0) return std::nullopt;
  if (view.scalar_type() == ScalarType::Float32) {
    return first_not_finite(view.data<float>(), view.extents(), view.strides());
  }
  return first_not_finite(view.data<double>(), view.extents(), view.strides());
}

} // namespace

void check_sample(const TensorView& input) {
  if (input.rank() < 1 || input.extent(0) != 1 || input.size() == 0) {
    throw ShapeMismatch(message("a trace is of one sample, an input of shape [1, ...]; this one is ",
                                shape_text(input.extents())));
  }
  if (const auto value = first_not_finite(input)) {
    throw NumericalError(message("the sample ", shape_text(input.extents()), " holds the value ", *value));
  }
}

void check_weights(std::span<const Layer> layers) {
  for (const auto& layer : layers) {
    if (const auto value = first_not_finite(layer.weight)) {
      throw NumericalError(message("the weight of layer '", layer.name, "' ",
                                   shape_text(layer.weight.extents()), " holds the value ", *value,
                                   "; the model file is broken or its training diverged"));
    }
  }
}

void check_copies(const TensorView& copies, std::int64_t count, const TensorView& sample,
                  std::string_view augmenter) {
  const bool fits = copies.rank() == sample.rank() && copies.rank() > 0 && copies.extent(0) == count &&
                    std::ranges::equal(copies.extents().subspan(1), sample.extents().subspan(1));
  if (!fits) {
    throw ShapeMismatch(message("augmenter '", augmenter, "' drew copies of shape ",
                                shape_text(copies.extents()), "; asked were ", count,
                                " copies of a sample of shape ", shape_text(sample.extents())));
  }
}

std::vector<double> output_values(const TensorView& output) {
  if (output.rank() != 2 || output.extent(0) != 1 || output.size() == 0) {
    throw ShapeMismatch(message("the network's output for one sample is ", shape_text(output.extents()),
                                "; a trace needs [1, classes]"));
  }
  if (const auto value = first_not_finite(output)) {
    throw NumericalError(message("the network's output for the sample, ", shape_text(output.extents()),
                                 ", holds the value ", *value));
  }
  return output.to_vector<double>();
}

void check_uses(const Layer& layer, std::int64_t seen) {
  if (seen == std::max<std::int64_t>(layer.uses, 1)) return;
  throw InvalidArgument(message("the graph's forward pass showed layer '", layer.name, "' ", seen,
                                " times, but its Layer::uses is ", layer.uses,
                                "; it must be how often one pass applies the layer, whatever the input"));
}

void check_solution(const TensorView& weight, const Layer& layer, std::string_view pruner) {
  if (!std::ranges::equal(weight.extents(), layer.weight.extents())) {
    throw ShapeMismatch(message("pruner '", pruner, "' returned a weight of shape ",
                                shape_text(weight.extents()), " for layer '", layer.name, "' of shape ",
                                shape_text(layer.weight.extents())));
  }
}

void check_stops(const std::array<std::optional<LayerStop>, 2>& stops, std::optional<std::size_t> expected,
                 std::int64_t layers_left) {
  for (const auto& stop : stops) {
    if (!stop) {
      throw InvalidArgument(message("the graph's walk ended with ", layers_left,
                                    " layers left to prune; advance() must stop before each use of a layer"));
    }
    const std::size_t layer = expected.value_or(stops[0]->layer);
    if (stop->layer != layer) {
      throw InvalidArgument(message("walks through one network stopped before layers ", layer, " and ",
                                    stop->layer, "; a sequential trace needs one order for all copies"));
    }
  }
}

} // namespace spade::trace
