// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "emitter.hpp"

#include <algorithm>

#include <torch/script.h>

#include <torch/csrc/jit/runtime/operator.h>

#include <spade/core/error.hpp>

#include "../executor.hpp"

namespace spade::graph::symbolic {
namespace {

using c10::IValue;
using Kind = Symbol::Kind;

/// How an operator's results are laid out: a tensor or number, or a list or tuple of such.
struct Layout {
  bool sequence = false;
  std::vector<Layout> elements;
};

Layout layout_of(const IValue& value) {
  Layout layout;
  if (value.isList()) {
    layout.sequence = true;
    for (const auto& element : value.toListRef())
      layout.elements.push_back(layout_of(element));
  } else if (value.isTuple()) {
    layout.sequence = true;
    for (const auto& element : value.toTupleRef().elements())
      layout.elements.push_back(layout_of(element));
  }
  return layout;
}

void flatten(const IValue& value, const Layout& layout, std::vector<IValue>& flat, const std::string& where) {
  if (!layout.sequence) {
    flat.push_back(value);
    return;
  }
  const auto elements =
      value.isList() ? value.toListRef() : c10::ArrayRef<IValue>(value.toTupleRef().elements());
  if (elements.size() != layout.elements.size()) {
    throw UnsupportedOperator(
        message(where, " gives ", elements.size(), " values for this input and gave ", layout.elements.size(),
                " for the example; load the network with an example of ", "this input's shape"));
  }
  for (std::size_t i = 0; i < elements.size(); ++i)
    flatten(elements[i], layout.elements[i], flat, where);
}

/// Runs on copies of the example's operands' handles, so that a failing operator leaves no trace.
std::vector<IValue> run_on_example(const Node::Run& run, std::vector<IValue> stack, const Place& place) {
  std::vector<at::Tensor> tensors;
  for (const auto& value : stack)
    append_tensors(value, tensors);
  try {
    run(stack);
  } catch (const c10::Error& error) {
    std::string shapes;
    for (const auto& tensor : tensors)
      shapes += " " + shape_text(tensor.sizes());
    const std::string text = error.what_without_backtrace();
    throw ShapeMismatch(message("the example does not go through the network: ", place.text(), " on", shapes,
                                ": ", text.substr(0, text.find('\n'))));
  }
  return stack;
}

Argument argument_of(const Symbol& symbol, const Place& place) {
  Argument argument;
  if (symbol.is(Kind::Dict) || symbol.is(Kind::Object)) {
    throw UnsupportedOperator(message(place.text(),
                                      " takes a dictionary or an object, which only lists, tuples and ",
                                      "tensors can replace; return or pass those instead"));
  }
  if (is_constant(symbol)) {
    argument.value = example_of(symbol);
  } else if (symbol.is(Kind::List) || symbol.is(Kind::Tuple)) {
    std::vector<Argument> elements;
    for (const auto& element : symbol.elements)
      elements.push_back(argument_of(*element, place));
    argument.value = std::move(elements);
    argument.element = symbol.element;
  } else {
    argument = symbol.reference;
  }
  return argument;
}

void collect_tensors(const SymbolPtr& symbol, std::vector<SymbolPtr>& tensors) {
  if (symbol->is(Kind::Tensor)) tensors.push_back(symbol);
  for (const auto& element : symbol->elements)
    collect_tensors(element, tensors);
}

} // namespace

std::string Place::text() const {
  return message(op, module.empty() ? " at the root" : " in module " + module);
}

Callable callable_of(const torch::jit::Operator& op, Node::Run run) {
  Callable callable{op.schema().name(), {}, std::move(run)};
  for (const auto& argument : op.schema().arguments())
    callable.argument_names.push_back(argument.name());
  return callable;
}

Callable find_operator(const std::string& name, const std::string& overload) {
  for (const auto& op : torch::jit::getAllOperatorsFor(c10::Symbol::fromQualString(name))) {
    if (op->schema().overload_name() != overload) continue;
    auto operation = std::make_shared<torch::jit::Operation>(op->getOperation());
    return callable_of(*op, [operation, op](std::vector<IValue>& stack) { (*operation)(stack); });
  }
  throw UnsupportedOperator(
      message("this LibTorch has no operator ", name, overload.empty() ? "" : "." + overload));
}

SymbolPtr Emitter::parameter(const std::string& name, const at::Tensor& tensor) {
  const auto id = builder_.parameter(name, tensor);
  auto& symbol = parameters_[id];
  if (symbol == nullptr) {
    symbol = make_tensor(tensor.detach(), {ParameterRef{id}, nullptr});
    symbol->memory->owner = builder_.parameter(id).name;
  }
  return symbol;
}

std::vector<SymbolPtr> Emitter::call(const Callable& callable, const std::vector<SymbolPtr>& arguments,
                                     const Place& place) {
  return emit(callable, arguments, nullptr, place);
}

std::vector<SymbolPtr> Emitter::emit(const Callable& callable, const std::vector<SymbolPtr>& arguments,
                                     Node::Run in_place, const Place& place) {
  std::vector<SymbolPtr> operands;
  for (const auto& argument : arguments) {
    check_extent(*argument);
    refresh(argument, place);
    collect_tensors(argument, operands);
  }
  std::vector<IValue> stack;
  for (const auto& argument : arguments)
    stack.push_back(example_of(*argument));
  auto results = run_on_example(callable.run, std::move(stack), place);

  const bool fixed =
      std::all_of(arguments.begin(), arguments.end(), [](const auto& a) { return is_constant(*a); });
  std::vector<at::Tensor> tensors;
  for (const auto& result : results)
    append_tensors(result, tensors);

  std::vector<Layout> layouts;
  std::vector<IValue> flat;
  for (const auto& result : results) {
    layouts.push_back(layout_of(result));
    flatten(result, layouts.back(), flat, place.text());
  }
  std::vector<SlotId> slots;
  if (!fixed || !tensors.empty()) {
    budget_.record(place.text());
    Node node;
    node.op = callable.op;
    node.module = place.module;
    node.argument_names = callable.argument_names;
    for (const auto& argument : arguments)
      node.arguments.push_back(argument_of(*argument, place));
    node.run_in_place = std::move(in_place);
    const bool nested =
        std::any_of(layouts.begin(), layouts.end(), [](const Layout& l) { return l.sequence; });
    if (!nested) {
      node.run = callable.run;
    } else {
      node.run = [run = callable.run, layouts, where = place.text()](std::vector<IValue>& values) {
        run(values);
        std::vector<IValue> flattened;
        for (std::size_t i = 0; i < layouts.size(); ++i)
          flatten(values[i], layouts[i], flattened, where);
        values = std::move(flattened);
      };
    }
    std::vector<bool> floating;
    for (const auto& value : flat) {
      floating.push_back(value.isTensor() && value.toTensor().defined() &&
                         (value.toTensor().is_floating_point() || value.toTensor().is_complex()));
    }
    slots = builder_.add(std::move(node), floating);
  }

  std::size_t next = 0;
  const std::function<SymbolPtr(const IValue&)> symbol_of = [&](const IValue& value) -> SymbolPtr {
    if (value.isList() || value.isTuple()) {
      const auto elements =
          value.isList() ? value.toListRef() : c10::ArrayRef<IValue>(value.toTupleRef().elements());
      std::vector<SymbolPtr> symbols;
      for (const auto& element : elements)
        symbols.push_back(symbol_of(element));
      return value.isList() ? make_list(std::move(symbols), value.toList().elementType())
                            : make_tuple(std::move(symbols));
    }
    const auto index = next++;
    if (slots.empty() || value.isNone()) return make_constant(value);
    if (value.isGenericDict() || value.isObject()) {
      throw UnsupportedOperator(
          message(place.text(), " gives a ", value.tagKind(), ", which cannot be lowered"));
    }
    if (!value.isTensor()) {
      auto scalar = make_constant(value);
      scalar->kind = Kind::Scalar;
      scalar->reference.value = SlotRef{slots[index]};
      return scalar;
    }
    auto symbol = make_tensor(value.toTensor(), {SlotRef{slots[index]}, nullptr});
    for (const auto& operand : operands) {
      if (!value.toTensor().defined() || !operand->tensor().defined() || !operand->tensor().has_storage() ||
          !value.toTensor().has_storage() || !value.toTensor().is_alias_of(operand->tensor()))
        continue;
      symbol->memory = operand->memory;
      symbol->version = operand->memory->version;
      symbol->view = std::make_shared<View>(View{operand, callable, arguments, index});
      if (operand->view != nullptr) symbol->view->depth = operand->view->depth + 1;
      constexpr std::size_t deepest = 200;
      if (symbol->view->depth > deepest)
        throw UnsupportedOperator(message(place.text(), " is a view of a view, over ", deepest, " deep"));
      return symbol;
    }
    if (value.toTensor().defined() && value.toTensor().has_storage())
      symbol->memory->held = budget_.hold(value.toTensor().storage().nbytes(), place.text());
    return symbol;
  };
  std::vector<SymbolPtr> symbols;
  for (const auto& result : results)
    symbols.push_back(symbol_of(result));
  return symbols;
}

void Emitter::guard(const Symbol& scalar, const Place& place) {
  Node node;
  node.op = "spade::guard";
  node.module = place.module;
  node.guard = true;
  node.argument_names = {"value"};
  node.arguments = {scalar.reference};
  node.run = [expected = scalar.value, where = place.text()](std::vector<IValue>& stack) {
    if (!(stack.back() == expected)) {
      throw UnsupportedOperator(
          message("this input takes another path through the network than the example did: ", where,
                  " depends on a value that is ", stack.back(), " and was ", expected,
                  " for the example; load the network with an example like this input"));
    }
    stack.clear();
  };
  builder_.add(std::move(node), {});
}

} // namespace spade::graph::symbolic
