// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "lowering.hpp"

#include <ATen/ATen.h>

#include <spade/core/error.hpp>

#include "wrapped_number.hpp"

namespace spade::graph::exported {
namespace {

using symbolic::Callable;
using symbolic::Place;
using symbolic::Symbol;
using symbolic::SymbolPtr;

const Callable& to_tensor() {
  static const Callable callable{"spade::wrapped_number", {"number"}, [](std::vector<c10::IValue>& stack) {
                                   stack = {wrapped_number(stack.back())};
                                 }};
  return callable;
}

const Callable& to_float() {
  static const Callable callable{"spade::float", {"number"}, [](std::vector<c10::IValue>& stack) {
                                   if (stack.back().isInt())
                                     stack = {static_cast<double>(stack.back().toInt())};
                                 }};
  return callable;
}

class Lowering {
public:
  Lowering(symbolic::Emitter& emitter, Symbols values) : emitter_(emitter), values_(std::move(values)) {}

  void run(const Instruction& instruction) {
    const Place place{instruction.callable.op, instruction.module};
    std::vector<SymbolPtr> arguments;
    for (const auto& operand : instruction.arguments)
      arguments.push_back(symbol(operand, place));
    switch (instruction.effect) {
    case Instruction::Effect::Condition:
      demand(arguments.at(0), place);
      break;
    case Instruction::Effect::Write:
      set(instruction, {emitter_.call_in_place(instruction.callable, instruction.overload, arguments, place)},
          place);
      break;
    case Instruction::Effect::Value:
      set(instruction, emitter_.call(instruction.callable, arguments, place), place);
      break;
    }
  }

  [[nodiscard]] SymbolPtr symbol(const Operand& operand, const Place& place) {
    switch (operand.kind) {
    case Operand::Kind::None:
      return symbolic::make_constant(c10::IValue());
    case Operand::Kind::Constant:
      return symbolic::make_constant(operand.constant);
    case Operand::Kind::Name:
      return converted(named(operand.name, place), operand.conversion, place);
    case Operand::Kind::List:
      break;
    }
    std::vector<SymbolPtr> elements;
    for (const auto& element : operand.elements)
      elements.push_back(symbol(element, place));
    return symbolic::make_list(std::move(elements), operand.element);
  }

private:
  [[nodiscard]] SymbolPtr named(const std::string& name, const Place& place) const {
    const auto found = values_.find(name);
    if (found == values_.end())
      throw FileError(message("the graph is damaged: ", place.text(), " reads \"", name,
                              "\", which nothing before it gives"));
    return found->second;
  }

  [[nodiscard]] SymbolPtr converted(SymbolPtr value, Operand::Conversion conversion, const Place& place) {
    if (conversion == Operand::Conversion::Keep || value->is(Symbol::Kind::Tensor)) return value;
    const auto& callable = conversion == Operand::Conversion::ToTensor ? to_tensor() : to_float();
    return emitter_.call(callable, {std::move(value)}, place).at(0);
  }

  void demand(const SymbolPtr& condition, const Place& place) {
    const auto value = symbolic::example_of(*condition);
    if (!value.isScalar() || value.toScalar().toDouble() == 0) {
      throw ShapeMismatch(
          message("the example breaks a condition of the network, checked by ", place.text()));
    }
    if (condition->is(Symbol::Kind::Scalar)) emitter_.guard(*condition, place);
  }

  void set(const Instruction& instruction, const std::vector<SymbolPtr>& results, const Place& place) {
    if (instruction.outputs.size() > results.size())
      throw FileError(message("the graph is damaged: ", place.text(), " gives ", results.size(),
                              " results, not ", instruction.outputs.size()));
    for (std::size_t i = 0; i < instruction.outputs.size(); ++i) {
      const auto& output = instruction.outputs[i];
      if (!output.list) {
        if (!output.name.empty()) define(output.name, results[i], place);
        continue;
      }
      const auto& elements = results[i]->elements;
      if (elements.size() != output.names.size()) {
        throw ShapeMismatch(message("the example gives ", place.text(), " a list of ", elements.size(),
                                    " tensors, and the network was exported for ", output.names.size()));
      }
      for (std::size_t k = 0; k < elements.size(); ++k)
        define(output.names[k], elements[k], place);
    }
  }

  void define(const std::string& name, SymbolPtr value, const Place& place) {
    if (!values_.emplace(name, std::move(value)).second)
      throw FileError(
          message("the graph is damaged: ", place.text(), " gives \"", name, "\" a second value"));
  }

  symbolic::Emitter& emitter_;
  Symbols values_;
};

void collect_names(const Operand& operand, std::unordered_set<std::string>& names) {
  if (operand.kind == Operand::Kind::Name) names.insert(operand.name);
  for (const auto& element : operand.elements)
    collect_names(element, names);
}

} // namespace

std::unordered_set<std::string> names_read(const std::vector<Instruction>& instructions,
                                           const Operand& output) {
  std::unordered_set<std::string> names;
  collect_names(output, names);
  for (const auto& instruction : instructions) {
    for (const auto& operand : instruction.arguments)
      collect_names(operand, names);
  }
  return names;
}

SymbolPtr lower(symbolic::Emitter& emitter, const std::vector<Instruction>& instructions, Symbols values,
                const Operand& output) {
  Lowering lowering(emitter, std::move(values));
  for (const auto& instruction : instructions)
    lowering.run(instruction);
  const Place place{"the output", ""};
  auto result = lowering.symbol(output, place);
  emitter.refresh(result, place);
  return result;
}

} // namespace spade::graph::exported
