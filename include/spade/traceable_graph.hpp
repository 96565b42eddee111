// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include <spade/core/tensor_view.hpp>
#include <spade/layer.hpp>

namespace spade {

/// Called during a forward pass with the input of a prunable layer: its index in layers(), and the values.
using LayerObserver = std::function<void(std::size_t layer, const TensorView& input)>;

/// A network of which a sparse trace can be made, whatever framework it lives in.
///
/// - `Tensor`: the framework's array. `G::view(tensor)` shows it as a TensorView; the first dimension of an
/// input and
///   of an output counts samples.
/// - `layers()`: the prunable layers in the order of execution; the indices never change.
/// - `forward(input)`: the output [N, classes]; `forward(input, observer)`: the same bits, and observer sees
/// each
///   prunable layer's input once per use, in order, while it is valid.
/// - `with_weights(weights)`: a graph like this one, in which the given layers have other weights (its
/// `layers()` show
///   them) and everything else is shared. The original is not touched; a layer that is not named keeps its
///   weight.
///
/// Models: LayerGraph; tests/contracts brings one on Eigen alone.
template <class G>
concept TraceableGraph = std::copyable<G> &&
    requires(const G& graph, const typename G::Tensor& input, const LayerObserver& observer,
             std::span<const LayerWeight> weights) {
  { G::view(input) } -> std::same_as<TensorView>;
  { graph.layers() } -> std::convertible_to<std::span<const Layer>>;
  { graph.forward(input) } -> std::same_as<typename G::Tensor>;
  { graph.forward(input, observer) } -> std::same_as<typename G::Tensor>;
  { graph.with_weights(weights) } -> std::same_as<G>;
};

} // namespace spade
