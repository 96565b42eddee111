// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include <spade/graph/weight_set.hpp>
#include <spade/layer.hpp>

namespace spade::graph {

/// What an operator computes, whatever its spelling in the source: conv2d, _convolution and convolution are one kind.
enum class OpKind {
  Convolution, Linear, MatMul, BatchNorm, LayerNorm, Relu, HardTanh, Gelu, Silu, Sigmoid, Tanh, Softmax, Add,
  Subtract, Multiply, Divide, MaxPool, AveragePool, AdaptiveAveragePool, Mean, Concatenate, Reshape, Select, Dropout,
  Embedding, Attention, Other
};

[[nodiscard]] std::string to_string(OpKind kind);

/// Index of a value of the program; every node's output has one.
using SlotId = std::size_t;

struct ParameterRef { ParameterId id; };
struct SlotRef { SlotId id; };

/// An operator's argument: a constant, a parameter, an earlier value, or a list of such.
struct Argument {
  std::variant<c10::IValue, ParameterRef, SlotRef, std::vector<Argument>> value;
};

/// One operator.
struct Node {
  std::size_t id = 0;  ///< position in Program::nodes
  OpKind kind = OpKind::Other;
  std::string op;      ///< "aten::conv2d"
  std::string module;  ///< path of the module it came from, "layer1.0.relu"; empty at the root
  std::vector<std::string> argument_names;  ///< from the operator's schema
  std::vector<Argument> arguments;
  std::vector<SlotId> outputs;
  std::vector<SlotId> dies;  ///< values whose last use this node is
  bool active = false;       ///< its outputs depend on the network's input
  std::function<void(std::vector<c10::IValue>& stack)> run;  ///< pops the arguments, pushes the outputs

  /// The argument of that schema name, null where there is none.
  [[nodiscard]] const Argument* argument(const std::string& name) const;
};

/// A named tensor of the network.
struct Parameter {
  std::string name;  ///< "layer1.0.conv1.weight"
  at::Tensor tensor;
};

/// What an importer makes: parameters and nodes in order of execution. LayerGraph runs it.
struct Program {
  std::vector<Parameter> parameters;
  std::vector<Node> nodes;
  std::size_t slot_count = 0;
  SlotId input = 0;   ///< the slot of the network's input
  SlotId output = 0;  ///< the slot of the network's (first) output
  std::vector<Layer> layers;               ///< the prunable ones
  std::vector<ParameterId> layer_parameters;  ///< the parameter behind each layer
  std::string source;                      ///< where it came from, for messages
  std::vector<std::shared_ptr<const void>> keep_alive;  ///< what the nodes' operations borrow
};

}  // namespace spade::graph
