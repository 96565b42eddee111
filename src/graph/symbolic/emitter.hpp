// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Turns calls of operators into nodes, and writes in place into values.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "../program_builder.hpp"
#include "budget.hpp"
#include "symbol.hpp"

namespace torch::jit {
struct Operator;
}

namespace spade::graph::symbolic {

/// The operator as something to call, by `run`.
[[nodiscard]] Callable callable_of(const torch::jit::Operator& op, Node::Run run);
/// An operator of the registry by name and overload. @throws UnsupportedOperator where LibTorch has none
[[nodiscard]] Callable find_operator(const std::string& name, const std::string& overload);

/// Where a node comes from, for messages: operator and module.
struct Place {
  std::string op;
  std::string module;
  [[nodiscard]] std::string text() const;
};

/// Emits nodes for operators called on symbols, and runs them on the example.
///
/// Tensors are values here, so that rules, autograd islands and observers see what an operator really read: a
/// write in place (relu_, x[:, 0] = 0) becomes a new value, and every tensor that shares the memory is made
/// anew from it. The example's storages tell who shares.
class Emitter {
public:
  /// @param example  the network's input
  /// @param remedy  what to do about a write that cannot be made functional, for messages
  Emitter(ProgramBuilder& builder, const at::Tensor& example, std::string remedy)
      : builder_(builder), remedy_(std::move(remedy)), budget_(example.nbytes()) {}

  /// The symbol of a tensor that belongs to the model; one per parameter.
  SymbolPtr parameter(const std::string& name, const at::Tensor& tensor);

  /// Calls an operator that writes nothing. Constant arguments and no tensor in the result: folded.
  /// @throws UnsupportedOperator where the operators or their values are over the budget (budget.hpp)
  std::vector<SymbolPtr> call(const Callable& callable, const std::vector<SymbolPtr>& arguments,
                              const Place& place);

  /// Calls foo_ (`in_place`), whose functional twin is foo; operand 0 gets a new value.
  SymbolPtr call_in_place(const Callable& in_place, const std::string& overload,
                          const std::vector<SymbolPtr>& arguments, const Place& place);

  /// A check at run time that a number is what it was with the example.
  void guard(const Symbol& scalar, const Place& place);

  /// The symbol's tensors are up to date with all writes.
  void refresh(const SymbolPtr& symbol, const Place& place);

private:
  std::vector<SymbolPtr> emit(const Callable& callable, const std::vector<SymbolPtr>& arguments,
                              Node::Run in_place, const Place& place);
  void write_to_base(const SymbolPtr& symbol, const Place& place);
  SymbolPtr undo_view(const SymbolPtr& symbol, const Place& place);

  ProgramBuilder& builder_;
  std::string remedy_;
  Budget budget_;
  std::map<ParameterId, SymbolPtr> parameters_;
};

} // namespace spade::graph::symbolic
