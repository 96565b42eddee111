// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include <ATen/core/Tensor.h>

#include <spade/differentiable_graph.hpp>

namespace spade::interpreters {

/// A network as gradient and perturbation methods see it: [N, ...] -> [N, classes], differentiable, and each
/// sample's output a function of that sample alone.
using ForwardFunction = std::function<at::Tensor(const at::Tensor& input)>;

/// The forward pass of a graph; valid while the graph lives.
template <DifferentiableGraph G> [[nodiscard]] ForwardFunction forward_of(const G& graph) {
  return [&graph](const at::Tensor& input) { return graph.forward(input); };
}

} // namespace spade::interpreters
