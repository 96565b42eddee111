// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <functional>
#include <span>
#include <vector>

#include <spade/differentiable_graph.hpp>
#include <spade/graph/node.hpp>

namespace spade {

/// A differentiable graph that shows its operators, so that rules can change how relevance flows through each.
///
/// Semantics: `nodes()` lists them in the order in which they run; `parameter(id)` is the tensor that a node's
/// argument names, as this graph has it; `forward(input, observer)` gives the bits of `forward(input)`, and
/// the observer sees each node with its operands and results. Models: LayerGraph, which graph::Tape takes.
template <class G>
concept OperatorGraph = DifferentiableGraph<G> &&
    requires(const G& graph, const at::Tensor& input, graph::ParameterId id,
             const std::function<void(const graph::Node&, const std::vector<at::Tensor>&,
                                      const std::vector<at::Tensor>&)>& observer) {
  { graph.nodes() } -> std::convertible_to<std::span<const graph::Node>>;
  { graph.parameter(id) } -> std::convertible_to<const at::Tensor&>;
  { graph.forward(input, observer) } -> std::same_as<at::Tensor>;
};

} // namespace spade
