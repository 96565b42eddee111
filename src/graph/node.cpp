// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/graph/node.hpp>

#include <array>

namespace spade::graph {

std::string to_string(OpKind kind) {
  static constexpr std::array names{"convolution", "linear", "matmul", "batch_norm", "layer_norm", "relu", "hardtanh",
                                    "gelu", "silu", "sigmoid", "tanh", "softmax", "add", "subtract", "multiply", "divide",
                                    "max_pool", "average_pool", "adaptive_average_pool", "mean", "concatenate", "reshape",
                                    "select", "dropout", "embedding", "attention", "other"};
  return names.at(static_cast<std::size_t>(kind));
}

const Argument* Node::argument(const std::string& name) const {
  for (std::size_t i = 0; i < argument_names.size(); ++i) {
    if (argument_names[i] == name) return &arguments[i];
  }
  return nullptr;
}

}  // namespace spade::graph
