// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Lists, tuples and dictionaries exist while the network is lowered and are gone afterwards.
#include <algorithm>

#include <torch/script.h>

#include <spade/core/error.hpp>

#include "lowering.hpp"

namespace spade::graph::torchscript {
namespace {

using c10::IValue;
using Kind = Symbol::Kind;
using Decided = std::function<IValue(const SymbolPtr&)>;

std::size_t position(const IValue& index, std::size_t size, const char* what) {
  const auto length = static_cast<std::int64_t>(size);
  const auto at = index.toInt() < 0 ? index.toInt() + length : index.toInt();
  if (at < 0 || at >= length) {
    throw UnsupportedOperator(message("element ", index.toInt(), " of a ", what, " of ", length, " is read"));
  }
  return static_cast<std::size_t>(at);
}

std::vector<SymbolPtr> slice(const std::vector<SymbolPtr>& elements, const std::vector<IValue>& bounds) {
  const auto size = static_cast<std::int64_t>(elements.size());
  const auto bound = [&](std::size_t i, std::int64_t otherwise) {
    if (i >= bounds.size() || bounds[i].isNone()) return otherwise;
    const auto value = bounds[i].toInt();
    return std::clamp<std::int64_t>(value < 0 ? value + size : value, 0, size);
  };
  const std::int64_t step = bounds.size() > 2 && !bounds[2].isNone() ? bounds[2].toInt() : 1;
  if (step < 1)
    throw UnsupportedOperator(message("a list is sliced with step ", step, "; only positive steps are read"));
  std::vector<SymbolPtr> part;
  const auto end = bound(1, size);
  for (auto i = bound(0, 0); i < end; i += std::min(step, size))
    part.push_back(elements[static_cast<std::size_t>(i)]);
  return part;
}

bool resolve_list(const std::string& op, const std::vector<SymbolPtr>& inputs, const Decided& decided,
                  std::vector<SymbolPtr>& outputs) {
  const auto& list = inputs[0];
  auto& elements = list->elements;
  if (op == "aten::len") {
    outputs = {make_constant(static_cast<std::int64_t>(elements.size()))};
  } else if (op == "aten::__getitem__" || op == "prim::TupleIndex") {
    outputs = {elements[position(decided(inputs[1]), elements.size(), "list")]};
  } else if (op == "aten::slice" || op == "prim::TupleSlice") {
    std::vector<IValue> bounds;
    for (std::size_t i = 1; i < inputs.size(); ++i)
      bounds.push_back(decided(inputs[i]));
    outputs = {make_list(slice(elements, bounds), list->element)};
    outputs[0]->kind = list->kind;
  } else if (list->is(Kind::Tuple)) {
    return false;
  } else if (op == "aten::append") {
    elements.push_back(inputs[1]);
    has_taken(*list, inputs[1]);
    outputs = {list};
  } else if (op == "aten::insert") {
    const auto size = static_cast<std::int64_t>(elements.size());
    const auto index = decided(inputs[1]).toInt();
    elements.insert(elements.begin() + std::clamp<std::int64_t>(index < 0 ? index + size : index, 0, size),
                    inputs[2]);
    has_taken(*list, inputs[2]);
    outputs = {};
  } else if (op == "aten::pop") {
    const auto at = position(inputs.size() > 1 ? decided(inputs[1]) : IValue(-1), elements.size(), "list");
    outputs = {elements[at]};
    elements.erase(elements.begin() + static_cast<std::ptrdiff_t>(at));
  } else if (op == "aten::Delete") {
    elements.erase(elements.begin() +
                   static_cast<std::ptrdiff_t>(position(decided(inputs[1]), elements.size(), "list")));
  } else if (op == "aten::reverse") {
    std::reverse(elements.begin(), elements.end());
  } else if (op == "aten::clear") {
    elements.clear();
  } else if (op == "aten::_set_item") {
    elements[position(decided(inputs[1]), elements.size(), "list")] = inputs[2];
    has_taken(*list, inputs[2]);
    outputs = {list};
  } else if (op == "aten::copy" || op == "aten::list") {
    outputs = {make_list(elements, list->element)};
  } else if ((op == "aten::add" || op == "aten::add_" || op == "aten::extend") && inputs[1]->is(Kind::List)) {
    const auto more = inputs[1]->elements; // a copy: a list may extend itself
    auto target = op == "aten::add" ? make_list(elements, list->element) : list;
    target->elements.insert(target->elements.end(), more.begin(), more.end());
    for (const auto& element : more)
      has_taken(*target, element);
    outputs = {target};
  } else if (op == "aten::mul" && inputs[1]->is(Kind::Constant) && inputs[1]->value.isInt()) {
    std::vector<SymbolPtr> repeated;
    const auto count = inputs[1]->value.toInt();
    constexpr std::int64_t longest = 1'000'000;
    if (!elements.empty() && count > longest / static_cast<std::int64_t>(elements.size())) {
      throw UnsupportedOperator(message("a list of ", elements.size(), " is repeated ", count, " times; ",
                                        longest, " elements are the most"));
    }
    for (std::int64_t i = 0; i < count && !elements.empty(); ++i)
      repeated.insert(repeated.end(), elements.begin(), elements.end());
    outputs = {make_list(std::move(repeated), list->element)};
  } else {
    return false;
  }
  return true;
}

bool resolve_dict(const std::string& op, const std::vector<SymbolPtr>& inputs, const c10::TypePtr& type,
                  const Decided& decided, std::vector<SymbolPtr>& outputs) {
  auto& entries = inputs[0]->elements;
  const auto find = [&](const SymbolPtr& key) {
    const auto wanted = decided(key);
    for (std::size_t i = 0; i < entries.size(); i += 2) {
      if (decided(entries[i]) == wanted) return i;
    }
    return entries.size();
  };
  const auto listed = [&](std::vector<SymbolPtr> elements) {
    outputs = {make_list(std::move(elements), type->expect<c10::ListType>()->getElementType())};
  };
  if (op == "aten::len") {
    outputs = {make_constant(static_cast<std::int64_t>(entries.size() / 2))};
  } else if (op == "aten::__contains__") {
    outputs = {make_constant(find(inputs[1]) < entries.size())};
  } else if (op == "aten::__getitem__" || op == "aten::get") {
    const auto at = find(inputs[1]);
    if (at < entries.size()) {
      outputs = {entries[at + 1]};
    } else if (op == "aten::get") {
      outputs = {inputs.size() > 2 ? inputs[2] : make_constant(IValue())};
    } else {
      throw UnsupportedOperator(
          message("the key ", decided(inputs[1]), " is read from a dictionary that does not have it"));
    }
  } else if (op == "aten::_set_item") {
    const auto at = find(inputs[1]);
    if (at < entries.size()) {
      entries[at + 1] = inputs[2];
    } else {
      entries.insert(entries.end(), {inputs[1], inputs[2]});
    }
    has_taken(*inputs[0], inputs[2]);
  } else if (op == "aten::keys" || op == "aten::values" || op == "aten::items") {
    std::vector<SymbolPtr> elements;
    for (std::size_t i = 0; i < entries.size(); i += 2) {
      elements.push_back(op == "aten::keys"     ? entries[i]
                         : op == "aten::values" ? entries[i + 1]
                                                : make_tuple({entries[i], entries[i + 1]}));
    }
    listed(std::move(elements));
  } else {
    return false;
  }
  return true;
}

} // namespace

bool resolve_structure(const std::string& op, const std::vector<SymbolPtr>& inputs, const c10::TypePtr& type,
                       const Decided& decided, std::vector<SymbolPtr>& outputs) {
  if (inputs.empty()) return false;
  if (inputs[0]->is(Kind::List) || inputs[0]->is(Kind::Tuple))
    return resolve_list(op, inputs, decided, outputs);
  if (inputs[0]->is(Kind::Dict)) return resolve_dict(op, inputs, type, decided, outputs);
  return false;
}

} // namespace spade::graph::torchscript
