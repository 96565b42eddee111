// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include <spade/graph/node.hpp>
#include <spade/layer_graph.hpp>

namespace spade {

/// The operator graph of a function of one tensor, by running it once with the example.
///
/// What the function does with plain numbers and conditions of C++ is fixed as the example had it, the batch
/// size too if it is read (`x.view({x.size(0), -1})`; `x.flatten(1)` does not). So the graph is compared with
/// the function on the example and on another batch, bit for bit, before it is returned.
///
/// @param forward  [N, ...] -> [N, ...]; must neither write to its tensors nor draw random numbers
/// @param tensors  every tensor of the network that it reads, by name ("layers.0.weight"). The graph shares
/// their memory: training them afterwards changes it
/// @param example  an input, [N, ...]
/// @throws InvalidArgument where the function is empty, the example has no samples, or two tensors have one
///   name
/// @throws ShapeMismatch where the function refuses the example (the text has its own)
/// @throws UnsupportedOperator where it reads a tensor with a gradient that is not in the list, fixes the
/// batch size, writes to a listed tensor, or gives other results when it is called again
/// @throws NumericalError where a tensor is not finite
/// Cost: about nine calls of the function.
[[nodiscard]] LayerGraph capture(const std::function<at::Tensor(const at::Tensor&)>& forward,
                                 const std::vector<graph::Parameter>& tensors, const at::Tensor& example);

/// The operator graph of a torch::nn module, or its holder, with a forward of one tensor. Call eval() first.
/// Names are those of named_parameters() and named_buffers(); an operator's module is that of its first
/// parameter.
template <class Network>
requires requires(Network& network, const at::Tensor& x) {
  at::Tensor(network.forward(x));
} || requires(Network& network, const at::Tensor& x) {
  at::Tensor(network->forward(x));
}
[[nodiscard]] LayerGraph capture(Network& network, const at::Tensor& example) {
  if constexpr (requires { network->named_parameters(); }) {
    return capture(*network, example);
  } else {
    std::vector<graph::Parameter> tensors;
    for (const auto& item : network.named_parameters())
      tensors.push_back({item.key(), item.value()});
    for (const auto& item : network.named_buffers())
      tensors.push_back({item.key(), item.value()});
    return capture([&](const at::Tensor& x) -> at::Tensor { return network.forward(x); }, tensors, example);
  }
}

} // namespace spade
