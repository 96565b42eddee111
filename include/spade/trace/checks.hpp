// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <spade/core/tensor_view.hpp>
#include <spade/layer.hpp>
#include <spade/traceable_graph.hpp>

/// What a trace makes sure of before it works, and of what others hand to it; each looks at its values once.
namespace spade::trace {

/// @throws ShapeMismatch where the input is not [1, ...]
/// @throws NumericalError where an element is not finite
void check_sample(const TensorView& input);

/// @throws NumericalError where a weight is not finite (the text names the layer)
void check_weights(std::span<const Layer> layers);

/// @throws ShapeMismatch where the copies are not [count, ...] shaped like the sample
void check_copies(const TensorView& copies, std::int64_t count, const TensorView& sample,
                  std::string_view augmenter);

/// The values of a network's output on one sample, [1, classes].
/// @throws ShapeMismatch where it has another shape
/// @throws NumericalError where a value is not finite
[[nodiscard]] std::vector<double> output_values(const TensorView& output);

/// @param seen how often a forward pass showed the layer to its observer
/// @throws InvalidArgument where that is not Layer::uses
void check_uses(const Layer& layer, std::int64_t seen);

/// @throws ShapeMismatch where a pruner's weight is not shaped like the layer's
void check_solution(const TensorView& weight, const Layer& layer, std::string_view pruner);

/// @throws InvalidArgument where two walks through one network do not stop before the same layer, or end with
/// layers left to prune
/// @param expected where other walks of the same step stopped
void check_stops(const std::array<std::optional<LayerStop>, 2>& stops, std::optional<std::size_t> expected,
                 std::int64_t layers_left);

} // namespace spade::trace
