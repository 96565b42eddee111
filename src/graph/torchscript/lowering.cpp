// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "lowering.hpp"

#include <algorithm>

#include <torch/script.h>

#include <spade/core/error.hpp>

#include "../outside_effect.hpp"

namespace spade::graph::torchscript {
namespace {

namespace jit = torch::jit;
using c10::IValue;
using Kind = Symbol::Kind;

// A file may loop as long as it likes; networks take some ten thousand steps. Operators on tensors count for
// more (symbolic/budget.hpp).
constexpr std::size_t most_steps = 5'000'000;
constexpr std::size_t deepest_block = 400;

Place place_of(const jit::Node* node, const std::string& module) {
  return {node->kind().toQualString(), module};
}

std::string join(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "." + name;
}

[[noreturn]] void refuse(const Place& place, const std::string& why) {
  throw UnsupportedOperator(message(place.text(), " ", why));
}

jit::Function& function_of(const jit::Node* node, const std::vector<SymbolPtr>& inputs, const Place& place) {
  if (node->kind() == c10::prim::CallFunction) {
    return *node->input(0)->type()->expect<c10::FunctionType>()->function();
  }
  if (!inputs.at(0)->is(Kind::Object)) refuse(place, "calls a method of something that is not a module");
  auto* method = inputs[0]->value.toObject()->type()->findMethod(node->s(c10::attr::name));
  if (method == nullptr)
    refuse(place, message("calls the method ", node->s(c10::attr::name), ", which does not exist"));
  return *method;
}

/// Lists and texts that double in a loop would take all memory in some thirty turns.
void check_sizes(const std::vector<SymbolPtr>& values, const Place& place) {
  constexpr std::size_t longest = 1'000'000;
  for (const auto& value : values) {
    const bool text = value->is(Kind::Constant) && value->value.isString();
    const auto size = text ? value->value.toStringRef().size() : value->elements.size();
    if (size > longest)
      refuse(place, message("makes a ", text ? "text" : "list", " of ", size, " elements; ", longest,
                            " are the most: does the network grow it in a loop?"));
  }
}

/// Whether a tensor is an integer that a trace has wrapped, and still has its value.
bool is_number(const Symbol& symbol) {
  return symbol.number != nullptr && symbol.memory->version == 0;
}

bool is_none(const Symbol& symbol) {
  return symbol.is(Kind::Constant) && symbol.value.isNone();
}

} // namespace

SymbolPtr Lowering::symbol_of(const IValue& value, const std::string& path) {
  if (value.isTensor()) {
    if (!value.toTensor().defined()) return make_constant(IValue());
    return emitter_.parameter(path, value.toTensor());
  }
  if (value.isObject()) {
    auto symbol = make_constant(value);
    symbol->kind = Kind::Object;
    symbol->path = path;
    return symbol;
  }
  if (value.isList()) {
    std::vector<SymbolPtr> elements;
    std::size_t index = 0;
    for (const auto& element : value.toListRef())
      elements.push_back(symbol_of(element, join(path, std::to_string(index++))));
    return make_list(std::move(elements), value.toList().elementType());
  }
  if (value.isTuple()) {
    std::vector<SymbolPtr> elements;
    std::size_t index = 0;
    for (const auto& element : value.toTupleRef().elements()) {
      elements.push_back(symbol_of(element, join(path, std::to_string(index++))));
    }
    return make_tuple(std::move(elements));
  }
  if (value.isGenericDict()) {
    std::vector<SymbolPtr> entries;
    for (const auto& entry : value.toGenericDict()) {
      entries.push_back(make_constant(entry.key()));
      entries.push_back(
          symbol_of(entry.value(), join(path, entry.key().isString() ? entry.key().toStringRef() : "?")));
    }
    return make_dict(std::move(entries));
  }
  return make_constant(value);
}

SymbolPtr Lowering::call(jit::Function& function, const std::vector<SymbolPtr>& arguments,
                         const std::string& module) {
  auto* graph_function = jit::tryToGraphFunction(function);
  if (graph_function == nullptr) {
    throw UnsupportedOperator(message("function ", function.name(), " has no TorchScript body"));
  }
  const auto graph = graph_function->graph();
  Frame frame{{}, module};
  if (graph->inputs().size() != arguments.size()) {
    throw UnsupportedOperator(message("function ", function.name(), " takes ", graph->inputs().size(),
                                      " arguments, not ", arguments.size()));
  }
  for (std::size_t i = 0; i < arguments.size(); ++i)
    frame.values[graph->inputs()[i]] = arguments[i];
  run_block(graph->block(), frame);
  return frame.values.at(graph->outputs().at(0));
}

std::vector<SymbolPtr> Lowering::inputs_of(const Node* node, const Frame& frame) const {
  std::vector<SymbolPtr> inputs;
  for (const auto* value : node->inputs()) {
    const auto found = frame.values.find(value);
    // A function value has no symbol: prim::CallFunction reads it from the graph's types.
    inputs.push_back(found == frame.values.end() ? make_constant(IValue()) : found->second);
  }
  return inputs;
}

void Lowering::set(const Node* node, Frame& frame, std::vector<SymbolPtr> outputs) {
  for (std::size_t i = 0; i < node->outputs().size(); ++i)
    frame.values[node->outputs()[i]] = outputs.at(i);
}

IValue Lowering::decided(const SymbolPtr& symbol, const Place& place) {
  if (symbol->is(Kind::Tensor)) refuse(place, "decides by a tensor, not by a number; use .item()");
  if (symbol->is(Kind::Scalar)) emitter_.guard(*symbol, place);
  return example_of(*symbol);
}

void Lowering::run_block(const jit::Block* block, Frame& frame) {
  if (++depth_ > deepest_block)
    throw UnsupportedOperator(
        message("functions, branches and loops are within each other over ", deepest_block, " deep"));
  for (const auto* node : block->nodes())
    run_node(node, frame);
  --depth_;
}

void Lowering::run_node(const Node* node, Frame& frame) {
  const auto place = place_of(node, frame.module);
  if (++steps_ > most_steps)
    refuse(place, message("is reached after ", most_steps, " steps: does the network loop for ever?"));
  if (node->kind() == c10::prim::If) return branch(node, frame);
  if (node->kind() == c10::prim::Loop) return loop(node, frame);
  const auto inputs = inputs_of(node, frame);
  if (node->kind() == c10::prim::CallMethod || node->kind() == c10::prim::CallFunction) {
    auto& function = function_of(node, inputs, place);
    const bool method = node->kind() == c10::prim::CallMethod;
    const auto arguments = method ? inputs : std::vector<SymbolPtr>(inputs.begin() + 1, inputs.end());
    return set(node, frame, {call(function, arguments, method ? inputs[0]->path : frame.module)});
  }
  if (!instruction(node, inputs, frame)) operate(node, frame);
}

void Lowering::branch(const Node* node, Frame& frame) {
  const auto place = place_of(node, frame.module);
  const auto condition = decided(frame.values.at(node->input(0)), place);
  const auto* block = node->blocks()[condition.toBool() ? 0 : 1];
  run_block(block, frame);
  std::vector<SymbolPtr> outputs;
  for (const auto* value : block->outputs())
    outputs.push_back(frame.values.at(value));
  set(node, frame, std::move(outputs));
}

void Lowering::loop(const Node* node, Frame& frame) {
  const auto place = place_of(node, frame.module);
  const auto trips = decided(frame.values.at(node->input(0)), place).toInt();
  bool going = decided(frame.values.at(node->input(1)), place).toBool();
  const auto* body = node->blocks()[0];
  std::vector<SymbolPtr> carried;
  for (std::size_t i = 2; i < node->inputs().size(); ++i)
    carried.push_back(frame.values.at(node->input(i)));
  for (std::int64_t trip = 0; going && trip < trips; ++trip) {
    if (++steps_ > most_steps)
      refuse(place, message("turns over ", most_steps, " times: does the network loop for ever?"));
    frame.values[body->inputs()[0]] = make_constant(trip);
    for (std::size_t i = 0; i < carried.size(); ++i)
      frame.values[body->inputs()[i + 1]] = carried[i];
    run_block(body, frame);
    for (std::size_t i = 0; i < carried.size(); ++i)
      carried[i] = frame.values.at(body->outputs()[i + 1]);
    going = decided(frame.values.at(body->outputs()[0]), place).toBool();
  }
  set(node, frame, std::move(carried));
}

/// What LibTorch's interpreter does itself instead of calling an operator.
bool Lowering::instruction(const Node* node, const std::vector<SymbolPtr>& inputs, Frame& frame) {
  const auto place = place_of(node, frame.module);
  const std::string op = node->kind().toQualString();
  if (op == "prim::Constant") {
    const auto value = jit::toIValue(node->output());
    if (!value) {
      if (node->output()->type()->kind() == c10::TypeKind::FunctionType) return true;
      refuse(place, "has no value");
    }
    set(node, frame, {symbol_of(*value, join(frame.module, "constant_" + node->output()->debugName()))});
  } else if (op == "prim::GetAttr") {
    if (!inputs[0]->is(Kind::Object)) refuse(place, "reads an attribute of something that is not a module");
    const auto& name = node->s(c10::attr::name);
    const auto& type = *inputs[0]->value.toObject()->type();
    if (!type.hasAttribute(name))
      refuse(place, message("reads the attribute ", name, ", which does not exist"));
    set(node, frame, {symbol_of(inputs[0]->value.toObject()->getAttr(name), join(inputs[0]->path, name))});
  } else if (op == "prim::TupleConstruct") {
    set(node, frame, {make_tuple(inputs)});
  } else if (op == "prim::ListConstruct") {
    set(node, frame, {make_list(inputs, node->output()->type()->expect<c10::ListType>()->getElementType())});
  } else if (op == "prim::DictConstruct") {
    set(node, frame, {make_dict(inputs)});
  } else if (op == "prim::TupleUnpack" || op == "prim::ListUnpack") {
    if (inputs[0]->elements.size() != node->outputs().size()) {
      refuse(place, message("unpacks ", inputs[0]->elements.size(), " values into ", node->outputs().size()));
    }
    set(node, frame, inputs[0]->elements);
  } else if (op == "prim::Uninitialized") {
    set(node, frame, {make_constant(IValue())});
  } else if (op == "prim::unchecked_cast" || op == "prim::unchecked_unwrap_optional" ||
             op == "aten::_unwrap_optional") {
    set(node, frame, {inputs[0]});
  } else if ((op == "aten::Int" || op == "aten::IntImplicit") && is_number(*inputs[0])) {
    set(node, frame, {inputs[0]->number});
  } else if (op == "aten::__is__" || op == "aten::__isnot__") {
    if (!is_none(*inputs[0]) && !is_none(*inputs[1])) return false;
    set(node, frame, {make_constant((is_none(*inputs[0]) == is_none(*inputs[1])) == (op == "aten::__is__"))});
  } else if (op == "prim::isinstance") {
    symbolic::check_extent(*inputs[0]);
    const auto type = example_of(*inputs[0]).type();
    const auto& types = node->tys(c10::attr::types);
    set(node, frame, {make_constant(std::any_of(types.begin(), types.end(), [&](const auto& t) {
          return type->isSubtypeOf(*t);
        }))});
  } else if (op == "aten::is_grad_enabled") {
    assumes_gradients_ = true;
    set(node, frame, {make_constant(true)});
  } else if (op == "prim::requires_grad") {
    // Asked of what depends on the input, it would be another path for gradients than for forward passes.
    set(node, frame, {make_constant(example_of(*inputs[0]).toTensor().requires_grad())});
  } else if (op == "prim::RaiseException") {
    const auto text = inputs.empty() ? IValue() : example_of(*inputs[0]);
    throw ShapeMismatch(message("the network refuses the example",
                                frame.module.empty() ? "" : " in module " + frame.module, ": ",
                                text.isString() ? text.toStringRef() : "an exception"));
  } else if (op == "aten::warn") {
    for (const auto* output : node->outputs())
      frame.values[output] = make_constant(IValue());
  } else {
    return false;
  }
  return true;
}

void Lowering::operate(const Node* node, Frame& frame) {
  const auto place = place_of(node, frame.module);
  const std::string op = place.op;
  if (const auto* effect = outside_effect(op))
    refuse(place, message(effect->what, ", which is not done here; export the network without it"));
  const auto inputs = inputs_of(node, frame);
  std::vector<SymbolPtr> outputs;
  const auto type = node->outputs().empty() ? c10::TypePtr() : node->output(0)->type();
  if (resolve_structure(
          op, inputs, type, [&](const SymbolPtr& s) { return decided(s, place); }, outputs)) {
    check_sizes(outputs, place);
    return set(node, frame, std::move(outputs));
  }
  const auto* registered = node->maybeOperator();
  if (registered == nullptr || op == "prim::SetAttr" || op == "prim::CreateObject" || op == "prim::fork" ||
      op == "prim::PythonOp" || op == "prim::Enter" || op == "prim::Exit") {
    refuse(place,
           op == "prim::SetAttr"
               ? "writes an attribute, so the network changes with every call; export a network without state"
               : "cannot be lowered to tensor operators");
  }
  if (rewrite_attention(inputs, place, outputs)) return set(node, frame, std::move(outputs));
  const auto& schema = registered->schema();
  auto operation = std::make_shared<jit::Operation>(node->getOperation());
  std::function<void(std::vector<IValue>&)> run = [operation](std::vector<IValue>& stack) {
    (*operation)(stack);
  };
  if (schema.is_vararg()) {
    run = [operation](std::vector<IValue>& stack) {
      stack.emplace_back(static_cast<std::int64_t>(stack.size()));
      (*operation)(stack);
    };
  }
  auto callable = callable_of(*registered, std::move(run));
  for (std::size_t i = 0; i < schema.arguments().size(); ++i) {
    const auto* alias = schema.arguments()[i].alias_info();
    if (alias == nullptr || !alias->isWrite()) continue;
    if (i != 0 || !inputs[0]->is(Kind::Tensor) || op.back() != '_') {
      refuse(place, message("writes to its argument \"", schema.arguments()[i].name(), "\""));
    }
    return set(node, frame, {emitter_.call_in_place(callable, schema.overload_name(), inputs, place)});
  }
  outputs = emitter_.call(callable, inputs, place);
  check_sizes(outputs, place);
  if (op == "prim::NumToTensor" && example_of(*inputs[0]).isInt()) outputs[0]->number = inputs[0];
  set(node, frame, std::move(outputs));
}

} // namespace spade::graph::torchscript
