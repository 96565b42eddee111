// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/ir/ir.h>

#include "../symbolic/emitter.hpp"

namespace spade::graph::torchscript {

using symbolic::Callable;
using symbolic::callable_of;
using symbolic::Emitter;
using symbolic::example_of;
using symbolic::find_operator;
using symbolic::has_taken;
using symbolic::is_constant;
using symbolic::make_constant;
using symbolic::make_dict;
using symbolic::make_list;
using symbolic::make_tensor;
using symbolic::make_tuple;
using symbolic::Place;
using symbolic::Symbol;
using symbolic::SymbolPtr;

/// Interprets TorchScript functions symbolically with an example and emits what depends on the input.
///
/// Modules, attributes, control flow and containers are gone afterwards; what they computed for the example
/// is fixed, and guards check at run time that the input takes the same path. Names of parameters and modules
/// survive.
class Lowering {
public:
  /// @param example  the network's input
  Lowering(ProgramBuilder& builder, const at::Tensor& example)
      : emitter_(builder, example, "write that step without the in-place operator") {}

  /// Calls a function on symbols; `module` is the path of the object it belongs to.
  SymbolPtr call(torch::jit::Function& function, const std::vector<SymbolPtr>& arguments,
                 const std::string& module);

  /// A value of the model (a module, an attribute, a constant) as a symbol.
  SymbolPtr symbol_of(const c10::IValue& value, const std::string& path);

  /// True where the source asks whether gradients are on: the answer was fixed to yes.
  [[nodiscard]] bool assumes_gradients() const { return assumes_gradients_; }

  /// True where fused operators were taken apart, so that the result differs from the source's by rounding.
  [[nodiscard]] bool rewrote() const { return rewrote_; }

  [[nodiscard]] Emitter& emitter() { return emitter_; }

private:
  using Node = torch::jit::Node;
  struct Frame {
    std::unordered_map<const torch::jit::Value*, SymbolPtr> values;
    std::string module;
  };

  void run_block(const torch::jit::Block* block, Frame& frame);
  void run_node(const Node* node, Frame& frame);
  void branch(const Node* node, Frame& frame);
  void loop(const Node* node, Frame& frame);
  void operate(const Node* node, Frame& frame);
  bool instruction(const Node* node, const std::vector<SymbolPtr>& inputs, Frame& frame);

  /// Fused attention as the operators it fuses (attention.cpp). False where the operator is none.
  bool rewrite_attention(const std::vector<SymbolPtr>& inputs, const Place& place,
                         std::vector<SymbolPtr>& outputs);

  [[nodiscard]] std::vector<SymbolPtr> inputs_of(const Node* node, const Frame& frame) const;
  static void set(const Node* node, Frame& frame, std::vector<SymbolPtr> outputs);
  /// The value as the example has it, fixed by a guard if it may differ in a run.
  c10::IValue decided(const SymbolPtr& symbol, const Place& place);

  Emitter emitter_;
  std::size_t steps_ = 0;
  std::size_t depth_ = 0;
  bool assumes_gradients_ = false;
  bool rewrote_ = false;
};

/// Operators on lists, tuples and dictionaries that need no run: append, len, __getitem__, ... Returns false
/// where the operator is none of them.
bool resolve_structure(const std::string& op, const std::vector<SymbolPtr>& inputs, const c10::TypePtr& type,
                       const std::function<c10::IValue(const SymbolPtr&)>& decided,
                       std::vector<SymbolPtr>& outputs);

} // namespace spade::graph::torchscript
