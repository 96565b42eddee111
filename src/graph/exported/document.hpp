// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// What the graph file of a torch.export archive says, as plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <ATen/core/ivalue.h>
#include <ATen/core/jit_type_base.h>
#include <c10/core/ScalarType.h>

namespace spade::graph::exported {

class Element;

/// An extent or stride: a number, a symbol ("s77"), or an expression of symbols (SizeExpression).
struct Extent {
  std::optional<std::int64_t> number;
  std::string symbol;
  std::string expression;
};

/// What the exporter knew of a tensor.
struct TensorMeta {
  at::ScalarType type = at::kFloat;
  std::vector<Extent> sizes;
  std::vector<Extent> strides;
  Extent offset;
  bool requires_grad = false;
};

/// An argument of a node: a constant, the name of a value, a list of such, or nothing.
struct Operand {
  enum class Kind { None, Constant, Name, List };
  /// What becomes of a value that is known at run time only.
  enum class Conversion { Keep, ToTensor, ToFloat };

  Kind kind = Kind::None;
  c10::IValue constant;
  std::string name;
  bool numeric = false; ///< of a name: it stands for a number, not for a tensor
  std::vector<Operand> elements;
  c10::TypePtr element; ///< of a list, after binding: the type of its elements
  Conversion conversion = Conversion::Keep;
};

/// What a node's result is called; a list has a name for each element, an unused one has none.
struct Result {
  std::string name;
  std::vector<std::string> names;
  bool list = false;
};

struct NodeRecord {
  std::string target; ///< "torch.ops.aten.conv2d.default"
  std::vector<std::pair<std::string, Operand>> inputs;
  std::vector<Result> outputs;
  std::string module; ///< "layer1.0.conv1"; empty at the root
};

/// What the graph's inputs are, in order.
struct InputSpec {
  enum class Kind { Parameter, Buffer, TensorConstant, UserInput, ConstantInput };
  Kind kind = Kind::UserInput;
  std::string value; ///< its name in the graph
  std::string name;  ///< of a parameter, buffer or constant: its name in the model
  Operand constant;  ///< of a constant input
};

struct OutputSpec {
  bool user = true;   ///< else a write to state, which `effect` tells
  std::string effect; ///< "buffer_mutation of \"cnt\""
  Operand value;
};

struct Range {
  std::optional<std::int64_t> least;
  std::optional<std::int64_t> most;
};

/// The graph of an exported program.
struct Document {
  std::vector<InputSpec> inputs;
  std::vector<OutputSpec> outputs;
  std::vector<NodeRecord> nodes;
  std::map<std::string, TensorMeta> tensors; ///< by name of the value
  std::map<std::string, Range> ranges;       ///< by symbol
  std::vector<std::string> conditions;       ///< on the input's sizes, in Python (SizeCondition)
};

/// Reads the graph file (models/model.json, or serialized_exported_program.json).
/// @throws FileError where it is no JSON, or says what an exported program cannot
/// @throws UnsupportedOperator where its schema version, or a kind of argument, is not known
[[nodiscard]] Document read_document(std::span<const std::byte> text, const std::string& where);

[[nodiscard]] TensorMeta read_tensor_meta(const Element& element);

} // namespace spade::graph::exported
