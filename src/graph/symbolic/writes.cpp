// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Writes in place, made functional: foo_(x) gives x a new value foo(x). Tensors that share x's memory follow:
// the tensor that x is a view of gets the written part scattered into it, up to the memory's first tensor,
// and other views are taken again from there when next read.
#include <utility>

#include <torch/script.h>

#include <torch/csrc/jit/runtime/operator.h>

#include <spade/core/error.hpp>

#include "emitter.hpp"

namespace spade::graph::symbolic {
namespace {

using c10::IValue;
using Kind = Symbol::Kind;

bool same_shape(const IValue& value, const at::Tensor& like) {
  return value.isTensor() && value.toTensor().sizes() == like.sizes() &&
         value.toTensor().scalar_type() == like.scalar_type();
}

/// Same extents, strides and type: a write in place cannot change them, so the functional twin must not
/// either.
bool same_geometry(const IValue& value, const at::Tensor& like) {
  return same_shape(value, like) && value.toTensor().strides() == like.strides();
}

Callable on_a_copy(const Callable& in_place) {
  auto callable = in_place;
  callable.run = [run = in_place.run](std::vector<IValue>& stack) {
    stack.front() = stack.front().toTensor().clone(at::MemoryFormat::Preserve);
    run(stack);
  };
  return callable;
}

} // namespace

void Emitter::refresh(const SymbolPtr& symbol, const Place& place) {
  for (const auto& element : symbol->elements)
    refresh(element, place);
  if (!symbol->is(Kind::Tensor) || symbol->version == symbol->memory->version) return;
  if (!symbol->memory->lost.empty() || symbol->view == nullptr) {
    throw UnsupportedOperator(message(place.text(),
                                      " reads a tensor whose memory was written through another view by ",
                                      symbol->memory->lost, "; ", remedy_));
  }
  const auto made = symbol->view;
  auto again = call(made->callable, made->arguments, place);
  if (again.size() == 1 && !again.front()->elements.empty()) again = again.front()->elements;
  const auto& fresh = again.at(made->output);
  symbol->reference = fresh->reference;
  symbol->value = fresh->value;
  symbol->version = symbol->memory->version;
}

SymbolPtr Emitter::call_in_place(const Callable& in_place, const std::string& overload,
                                 const std::vector<SymbolPtr>& arguments, const Place& place) {
  const auto& target = arguments.at(0);
  refresh(target, place);
  if (!target->is(Kind::Tensor)) {
    throw UnsupportedOperator(message(place.text(), " writes to something that is not a tensor"));
  }
  if (!target->memory->owner.empty()) {
    throw UnsupportedOperator(
        message(place.text(), " writes to \"", target->memory->owner,
                "\", so the network changes with every call; export a network without state"));
  }
  const at::Tensor before = target->tensor();
  // A new value of a view with gaps has none. It goes into the base, and the view is taken again from there.
  const bool gaps = target->view != nullptr && !before.is_non_overlapping_and_dense();
  const auto fits = [&](const IValue& value) {
    return gaps ? same_shape(value, before) : same_geometry(value, before);
  };
  auto functional = on_a_copy(in_place);
  const std::string name = in_place.op.substr(0, in_place.op.size() - 1);
  for (const auto& op : torch::jit::getAllOperatorsFor(c10::Symbol::fromQualString(name))) {
    if (name == "aten::copy") break; // copy_ has a derivative, its twin has none
    if (op->schema().overload_name() != overload || op->schema().arguments().size() != arguments.size())
      continue;
    const auto twin = find_operator(name, overload);
    std::vector<IValue> stack;
    for (const auto& argument : arguments) {
      refresh(argument, place);
      stack.push_back(example_of(*argument));
    }
    try {
      twin.run(stack);
    } catch (const c10::Error&) {
      break; // the write itself will say what is wrong
    }
    // With mixed types foo promotes where foo_ does not.
    if (stack.size() == 1 && fits(stack.front())) functional = twin;
    break;
  }
  const auto result = emit(functional, arguments, in_place.run, place).at(0);
  if (!fits(result->value)) {
    throw UnsupportedOperator(message(place.text(),
                                      " changes the shape of a tensor in place; use the operator without "
                                      "the underscore"));
  }
  target->reference = result->reference;
  target->value = result->value;
  if (result->memory == target->memory)
    return target; // dropout_ in evaluation mode, for one: nothing was written
  target->version = ++target->memory->version;
  write_to_base(target, place);
  if (gaps) --target->version; // seen as stale
  return target;
}

void Emitter::write_to_base(const SymbolPtr& symbol, const Place& place) {
  if (symbol->view == nullptr) return;
  const auto& base = symbol->view->base;
  // The base has seen every earlier write, because the view has: it is read as it is, not made anew.
  const auto seen = std::exchange(base->version, symbol->memory->version);
  const auto whole = undo_view(symbol, place);
  if (whole == nullptr) {
    base->version = seen;
    symbol->memory->lost = place.text();
    return;
  }
  base->reference = whole->reference;
  base->value = whole->value;
  write_to_base(base, place);
}

/// The base's new value; null where the view cannot be undone.
SymbolPtr Emitter::undo_view(const SymbolPtr& symbol, const Place& place) {
  const auto& view = *symbol->view;
  const auto& base = view.base;
  const auto& op = view.callable.op;
  std::vector<SymbolPtr> arguments = view.arguments;
  SymbolPtr whole;
  const auto scatter = [&](const char* name) {
    arguments.insert(arguments.begin() + 1, symbol);
    return call(find_operator(name, ""), arguments, place).at(0);
  };
  if (op == "aten::select" && arguments[1]->value.isInt()) {
    whole = scatter("aten::select_scatter");
  } else if (op == "aten::slice") {
    whole = scatter("aten::slice_scatter");
  } else if (op == "aten::unbind") {
    arguments = {base, symbol, arguments.at(1), make_constant(static_cast<std::int64_t>(view.output))};
    whole = call(find_operator("aten::select_scatter", ""), arguments, place).at(0);
  } else if (op == "aten::t") {
    whole = call(view.callable, {symbol}, place).at(0);
  } else if (op == "aten::transpose" && arguments[1]->value.isInt()) {
    arguments[0] = symbol;
    whole = call(view.callable, arguments, place).at(0);
  } else if (op == "aten::permute" && is_constant(*arguments[1])) {
    const auto order = example_of(*arguments[1]).toIntVector();
    std::vector<SymbolPtr> inverse(order.size());
    for (std::size_t d = 0; d < order.size(); ++d) {
      const auto from = order[d] < 0 ? order[d] + static_cast<std::int64_t>(order.size()) : order[d];
      inverse[static_cast<std::size_t>(from)] = make_constant(static_cast<std::int64_t>(d));
    }
    whole = call(view.callable, {symbol, make_list(std::move(inverse), c10::IntType::get())}, place).at(0);
  } else if (kind_of(op) != OpKind::Select && same_geometry(symbol->value, base->tensor()) &&
             symbol->tensor().storage_offset() == base->tensor().storage_offset()) {
    whole = symbol; // contiguous() of what is contiguous, dropout in evaluation mode
  } else if (op == "aten::view" || op == "aten::reshape" || op == "aten::flatten" ||
             op == "aten::unflatten" || op == "aten::squeeze" || op == "aten::unsqueeze" ||
             op == "aten::view_as" || op == "aten::reshape_as") {
    whole = call(find_operator("aten::reshape_as", ""), {symbol, base}, place).at(0);
  }
  return whole;
}

} // namespace spade::graph::symbolic
