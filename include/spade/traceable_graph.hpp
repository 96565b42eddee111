// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
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
///   input and of an output counts samples.
/// - `layers()`: the prunable layers in the order of execution; the indices never change.
/// - `forward(input)`: the output [N, classes]; `forward(input, observer)`: the same bits, and observer sees
///   each prunable layer's input once per use, Layer::uses times, in order, while it is valid. Uses may differ
///   in shape; one use differs between passes in the number of samples alone.
/// - `with_weights(weights)`: a graph like this one, in which the given layers have other weights (its
///   `layers()` show them) and everything else is shared. The original is not touched; a layer that is not
///   named keeps its weight.
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

/// Where a walk has stopped: right before a prunable layer runs.
struct LayerStop {
  std::size_t layer = 0; ///< index in layers()
  TensorView input;      ///< what the layer is about to see; valid until the walk goes on
};

/// A TraceableGraph whose forward pass can stop before each prunable layer and go on with other weights.
///
/// - `Walk`: a forward pass under way, movable; it keeps the values that are still needed.
/// - `begin(input)`: a pass that has run nothing yet.
/// - `advance(walk)`: runs up to the next use of a prunable layer and says where it is; empty at the end. The
///   graph may be another one than began the walk, if it came from it by with_weights: what runs from here on
///   has its weights.
///
/// Walking to the end is a forward pass: the same operators on the same values.
/// Models: LayerGraph, examples/perceptron.hpp.
template <class G>
concept SteppableGraph = TraceableGraph<G> && std::movable<typename G::Walk> &&
    requires(const G& graph, const typename G::Tensor& input, typename G::Walk& walk) {
  { graph.begin(input) } -> std::same_as<typename G::Walk>;
  { graph.advance(walk) } -> std::same_as<std::optional<LayerStop>>;
};

/// A TraceableGraph several of whose forward passes can run at the same time.
///
/// - `side_by_side(threads, work)`: calls work() at most `threads` times, on different threads where the
///   framework has them, the calling thread among them, and returns when all have ended. During a call the
///   framework's operators and parallel_for (but for a HelpedRegion) keep to their thread. work() does not throw.
///
/// Models: LayerGraph.
template <class G>
concept ConcurrentGraph = TraceableGraph<G> &&
    requires(std::int64_t threads, const std::function<void()>& work) {
  G::side_by_side(threads, work);
};

} // namespace spade
