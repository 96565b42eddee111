// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "symbol.hpp"

#include <algorithm>

#include <spade/core/error.hpp>

namespace spade::graph::symbolic {
namespace {

using Kind = Symbol::Kind;

bool is_structure(const Symbol& symbol) {
  return symbol.is(Kind::List) || symbol.is(Kind::Tuple) || symbol.is(Kind::Dict);
}

void lower(Symbol& symbol, std::size_t within) {
  constexpr std::size_t deepest = 100;
  if (!is_structure(symbol) || symbol.within >= within) return;
  if (within > deepest) {
    throw UnsupportedOperator(
        message("a list, tuple or dictionary holds itself, or over ", deepest, " are within each other"));
  }
  symbol.within = within;
  for (const auto& element : symbol.elements)
    lower(*element, within + 1);
}

SymbolPtr make_structure(Kind kind, std::vector<SymbolPtr> elements) {
  auto symbol = std::make_shared<Symbol>();
  symbol->kind = kind;
  symbol->elements = std::move(elements);
  for (const auto& element : symbol->elements)
    lower(*element, 1);
  return symbol;
}

void count(const Symbol& symbol, std::size_t& values) {
  constexpr std::size_t most = 1'000'000;
  if (++values > most)
    throw UnsupportedOperator(message("a list, tuple or dictionary holds over ", most, " values"));
  for (const auto& element : symbol.elements)
    count(*element, values);
}

} // namespace

SymbolPtr make_constant(c10::IValue value) {
  auto symbol = std::make_shared<Symbol>();
  symbol->value = std::move(value);
  return symbol;
}

SymbolPtr make_list(std::vector<SymbolPtr> elements, c10::TypePtr element) {
  auto symbol = make_structure(Kind::List, std::move(elements));
  symbol->element = std::move(element);
  return symbol;
}

SymbolPtr make_tuple(std::vector<SymbolPtr> elements) {
  return make_structure(Kind::Tuple, std::move(elements));
}

SymbolPtr make_dict(std::vector<SymbolPtr> keys_and_values) {
  return make_structure(Kind::Dict, std::move(keys_and_values));
}

SymbolPtr make_tensor(at::Tensor example, Argument reference) {
  auto symbol = std::make_shared<Symbol>();
  symbol->kind = Kind::Tensor;
  symbol->value = std::move(example);
  symbol->reference = std::move(reference);
  symbol->memory = std::make_shared<Memory>();
  return symbol;
}

void has_taken(Symbol& structure, const SymbolPtr& element) {
  try {
    lower(*element, structure.within + 1);
  } catch (...) {
    structure.elements.clear(); // what holds itself would never be let go
    throw;
  }
}

void check_extent(const Symbol& symbol) {
  std::size_t values = 0;
  count(symbol, values);
}

bool is_constant(const Symbol& symbol) {
  switch (symbol.kind) {
  case Kind::Constant:
    return true;
  case Kind::List:
  case Kind::Tuple:
  case Kind::Dict:
    return std::all_of(symbol.elements.begin(), symbol.elements.end(),
                       [](const SymbolPtr& element) { return is_constant(*element); });
  default:
    return false;
  }
}

c10::IValue example_of(const Symbol& symbol) {
  switch (symbol.kind) {
  case Kind::List: {
    c10::impl::GenericList list(symbol.element);
    for (const auto& element : symbol.elements)
      list.push_back(example_of(*element));
    return list;
  }
  case Kind::Tuple: {
    std::vector<c10::IValue> values;
    for (const auto& element : symbol.elements)
      values.push_back(example_of(*element));
    return c10::ivalue::Tuple::create(std::move(values));
  }
  case Kind::Dict:
    throw UnsupportedOperator("a dictionary is given to an operator that cannot be resolved before the run");
  default:
    return symbol.value;
  }
}

} // namespace spade::graph::symbolic
