// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "symbol.hpp"

#include <algorithm>

#include <spade/core/error.hpp>

namespace spade::graph::symbolic {

SymbolPtr make_constant(c10::IValue value) {
  auto symbol = std::make_shared<Symbol>();
  symbol->value = std::move(value);
  return symbol;
}

SymbolPtr make_list(std::vector<SymbolPtr> elements, c10::TypePtr element) {
  auto symbol = std::make_shared<Symbol>();
  symbol->kind = Symbol::Kind::List;
  symbol->elements = std::move(elements);
  symbol->element = std::move(element);
  return symbol;
}

SymbolPtr make_tuple(std::vector<SymbolPtr> elements) {
  auto symbol = std::make_shared<Symbol>();
  symbol->kind = Symbol::Kind::Tuple;
  symbol->elements = std::move(elements);
  return symbol;
}

SymbolPtr make_tensor(at::Tensor example, Argument reference) {
  auto symbol = std::make_shared<Symbol>();
  symbol->kind = Symbol::Kind::Tensor;
  symbol->value = std::move(example);
  symbol->reference = std::move(reference);
  symbol->memory = std::make_shared<Memory>();
  return symbol;
}

bool is_constant(const Symbol& symbol) {
  switch (symbol.kind) {
  case Symbol::Kind::Constant:
    return true;
  case Symbol::Kind::List:
  case Symbol::Kind::Tuple:
  case Symbol::Kind::Dict:
    return std::all_of(symbol.elements.begin(), symbol.elements.end(),
                       [](const SymbolPtr& element) { return is_constant(*element); });
  default:
    return false;
  }
}

c10::IValue example_of(const Symbol& symbol) {
  switch (symbol.kind) {
  case Symbol::Kind::List: {
    c10::impl::GenericList list(symbol.element);
    for (const auto& element : symbol.elements)
      list.push_back(example_of(*element));
    return list;
  }
  case Symbol::Kind::Tuple: {
    std::vector<c10::IValue> values;
    for (const auto& element : symbol.elements)
      values.push_back(example_of(*element));
    return c10::ivalue::Tuple::create(std::move(values));
  }
  case Symbol::Kind::Dict:
    throw UnsupportedOperator("a dictionary is given to an operator that cannot be resolved before the run");
  default:
    return symbol.value;
  }
}

} // namespace spade::graph::symbolic
