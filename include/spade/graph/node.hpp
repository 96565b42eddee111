// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>
#include <ATen/core/jit_type_base.h>

#include <spade/graph/weight_set.hpp>
#include <spade/layer.hpp>

namespace spade::graph {

/// What an operator computes, whatever its spelling in the source: conv2d, _convolution and convolution are
/// one kind.
enum class OpKind {
  Convolution,
  Linear,
  MatMul,
  BatchNorm,
  LayerNorm,
  Relu,
  HardTanh,
  Gelu,
  Silu,
  Sigmoid,
  Tanh,
  Softmax,
  Add,
  Subtract,
  Multiply,
  Divide,
  MaxPool,
  AveragePool,
  AdaptiveAveragePool,
  Mean,
  Concatenate,
  Reshape,
  Select,
  Dropout,
  Embedding,
  Attention,
  Other
};

[[nodiscard]] std::string to_string(OpKind kind);

/// The kind of an operator by its qualified name, "aten::conv2d" or "aten::relu_"; Other where none fits.
[[nodiscard]] OpKind kind_of(const std::string& op);

/// Index of a value of the program; every node's output has one.
using SlotId = std::size_t;

struct ParameterRef {
  ParameterId id;
};

struct SlotRef {
  SlotId id;
  bool last = false; ///< no later argument reads the value: the executor hands it over instead of sharing it
};

/// An operator's argument: a constant, a parameter, an earlier value, or a list of such.
struct Argument {
  std::variant<c10::IValue, ParameterRef, SlotRef, std::vector<Argument>> value;
  c10::TypePtr element; ///< of a list: the type of its elements; null: it is a tuple
};

/// One operator.
///
/// Every output is a tensor or a plain number: an operator that gives a list (chunk, unbind, size) has one
/// output per element, as many as it had with the example, and `run` refuses another number.
struct Node {
  /// Pops the arguments, pushes the outputs.
  using Run = std::function<void(std::vector<c10::IValue>& stack)>;

  std::size_t id = 0; ///< position in Program::nodes
  OpKind kind = OpKind::Other;
  std::string op;     ///< "aten::conv2d"; "spade::guard" checks what the example decided
  std::string module; ///< path of the module it came from, "layer1.0.relu"; empty at the root
  std::vector<std::string> argument_names; ///< from the operator's schema
  std::vector<Argument> arguments;
  std::vector<SlotId> outputs;
  std::vector<SlotId> dies; ///< values that nobody reads after this node
  /// A floating-point output depends on the network's input; of integer input, on what its embedding gives.
  bool active = false;
  bool guard = false; ///< has no outputs; throws where the input would take another path than the example
  Run run;
  Run run_in_place; ///< the same on operand 0's own memory, where the source said so; else empty

  /// The argument of that schema name, null where there is none.
  [[nodiscard]] const Argument* argument(const std::string& name) const;
  /// "aten::conv2d (node 12, module layer1.0.conv1)": for messages.
  [[nodiscard]] std::string where() const;
};

/// A named tensor of the network.
struct Parameter {
  std::string name; ///< "layer1.0.conv1.weight"
  at::Tensor tensor;
};

/// One application of a prunable layer.
struct LayerUse {
  std::size_t node = 0;
  std::size_t layer = 0;
  std::size_t input = 0; ///< which of the node's arguments is the layer's input
};

/// A layer with a weight that cannot be pruned, and why.
struct UnsupportedLayer {
  std::string name;
  std::string reason;
};

/// What an importer makes: parameters and nodes in order of execution. LayerGraph runs it.
struct Program {
  std::vector<Parameter> parameters; ///< every tensor of the source that a node reads; tied ones are one
  std::vector<Node> nodes;
  std::size_t slot_count = 0;
  std::vector<bool> slot_active; ///< per slot: a floating-point tensor of an active node, or the input
  SlotId input = 0;              ///< the slot of the network's input
  SlotId output = 0;             ///< the slot of the network's (first) output
  std::vector<std::int64_t> example_shape;

  std::vector<Layer> layers;                 ///< the prunable ones, in order of execution
  std::vector<ParameterId> layer_parameters; ///< the parameter behind each layer
  std::vector<bool> layer_transposed;        ///< per linear layer: the parameter is stored as [columns, rows]
  std::vector<LayerUse> layer_uses;          ///< by node
  std::vector<UnsupportedLayer> unsupported_layers;

  std::string source;                                  ///< where it came from, for messages
  std::vector<std::shared_ptr<const void>> keep_alive; ///< what the nodes' operations borrow
};

} // namespace spade::graph
