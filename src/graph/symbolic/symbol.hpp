// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// What a value of a graph is known to be while an importer interprets the graph symbolically.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <ATen/core/ivalue.h>

#include <spade/graph/node.hpp>

namespace spade::graph::symbolic {

struct Symbol;
using SymbolPtr = std::shared_ptr<Symbol>;

/// An operator that can be called and emitted: with its run, and the names of its arguments.
struct Callable {
  std::string op;
  std::vector<std::string> argument_names;
  Node::Run run;
};

/// Memory that tensors of the source share; writing through one of them changes what the others read.
struct Memory {
  std::size_t version = 0; ///< counts writes
  std::string owner; ///< a parameter or constant of the model, which must not be written; empty: a value
  std::string lost;  ///< the write after which the other tensors of this memory are not known
  std::shared_ptr<const void> held; ///< its bytes in the budget; null for what the model or the caller holds
};

/// How a view was made from its base, so that it can be made again after a write.
struct View {
  SymbolPtr base;
  Callable callable;
  std::vector<SymbolPtr> arguments;
  std::size_t output = 0;
  std::size_t depth = 1; ///< of views of views
};

/// A value: constant, module object, tensor, number known at run time only, or a structure of values.
///
/// Everything but a constant also has the value that the example gives it.
struct Symbol {
  enum class Kind { Constant, Object, Tensor, Scalar, List, Tuple, Dict };

  Kind kind = Kind::Constant;
  c10::IValue value;               ///< Constant, Object, Scalar, Tensor: the value, with the example
  std::string path;                ///< Object: "layer1.0"
  Argument reference;              ///< Tensor, Scalar: where its value is at run time
  std::vector<SymbolPtr> elements; ///< List, Tuple; Dict: keys and values in turn
  c10::TypePtr element;            ///< List: type of the elements
  std::size_t within = 0;          ///< List, Tuple, Dict: how many of these are around it, at most

  std::shared_ptr<Memory> memory; ///< Tensor
  std::size_t version = 0;        ///< Tensor: the write that `reference` has seen
  std::shared_ptr<View> view;     ///< Tensor: null for the memory's first tensor
  SymbolPtr number;               ///< Tensor: the integer that it was made of; null for all others

  [[nodiscard]] bool is(Kind other) const { return kind == other; }
  [[nodiscard]] const at::Tensor& tensor() const { return value.toTensor(); }
};

[[nodiscard]] SymbolPtr make_constant(c10::IValue value);
[[nodiscard]] SymbolPtr make_list(std::vector<SymbolPtr> elements, c10::TypePtr element);
[[nodiscard]] SymbolPtr make_tuple(std::vector<SymbolPtr> elements);
[[nodiscard]] SymbolPtr make_dict(std::vector<SymbolPtr> keys_and_values);
/// A tensor with memory of its own.
[[nodiscard]] SymbolPtr make_tensor(at::Tensor example, Argument reference);

/// To be told when a list or dictionary that existed already has got another element. Typed as Any, one can be
/// put into itself, or into another without end.
/// @throws UnsupportedOperator where over 100 structures are within each other
void has_taken(Symbol& structure, const SymbolPtr& element);

/// To be asked before a structure is walked: one that has another twice, that again one twice, and so on, is
/// walked for ever.
/// @throws UnsupportedOperator where it holds, with all that its elements hold, over a million values
void check_extent(const Symbol& symbol);

/// The same for every input: no tensor and no number of the run in it.
[[nodiscard]] bool is_constant(const Symbol& symbol);

/// The value that the example gives, lists and tuples built.
/// @throws UnsupportedOperator on dictionaries
[[nodiscard]] c10::IValue example_of(const Symbol& symbol);

} // namespace spade::graph::symbolic
