// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Small networks from TorchScript source, through a model file and the importer like any other.
#pragma once

#include <map>
#include <string>

#include <ATen/core/Tensor.h>

#include <spade/layer_graph.hpp>

namespace spade::support {

/// A network of named tensors and forward methods.
struct NetworkSource {
  /// "conv.weight" is the parameter `weight` of the submodule `conv`.
  std::map<std::string, at::Tensor> parameters;
  /// Bodies of `forward(self, x)` by module path; "" is the network itself and must be there.
  std::map<std::string, std::string> forward;
};

/// The network by way of a model file and the importer; the example is its first input.
[[nodiscard]] LayerGraph load_network(const NetworkSource& source, const at::Tensor& example);

/// The same for a network of one method.
[[nodiscard]] LayerGraph load_network(const std::map<std::string, at::Tensor>& parameters,
                                      const std::string& body, const at::Tensor& example);

/// Normal numbers that depend on the seed alone, in double.
[[nodiscard]] at::Tensor normal(at::IntArrayRef shape, std::uint64_t seed);

} // namespace spade::support
