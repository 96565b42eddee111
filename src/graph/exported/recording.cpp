// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "recording.hpp"

#include <c10/util/Exception.h>

#include <spade/core/error.hpp>

#include "../symbolic/emitter.hpp"
#include "wrapped_number.hpp"

namespace spade::graph::exported {
namespace {

using c10::IValue;
using Values = std::unordered_map<std::string, IValue>;

template <class Visit> void for_each_name(const Operand& operand, const Visit& visit) {
  if (operand.kind == Operand::Kind::Name) visit(operand.name);
  for (const auto& element : operand.elements)
    for_each_name(element, visit);
}

IValue value_of(const Operand& operand, const Values& values) {
  switch (operand.kind) {
  case Operand::Kind::None:
    return {};
  case Operand::Kind::Constant:
    return operand.constant;
  case Operand::Kind::Name: {
    const auto& value = values.at(operand.name);
    if (!value.isScalar()) return value;
    if (operand.conversion == Operand::Conversion::ToTensor) return wrapped_number(value);
    if (operand.conversion == Operand::Conversion::ToFloat && value.isInt())
      return static_cast<double>(value.toInt());
    return value;
  }
  case Operand::Kind::List:
    break;
  }
  c10::impl::GenericList list(operand.element);
  for (const auto& element : operand.elements)
    list.push_back(value_of(element, values));
  return list;
}

} // namespace

Recording::Recording(const Document& document, const std::vector<Instruction>& instructions,
                     std::unordered_map<std::string, IValue> values)
    : document_(document), instructions_(instructions), values_(std::move(values)) {
  for (std::size_t i = 0; i < instructions_.size(); ++i) {
    for (const auto& operand : instructions_[i].arguments)
      for_each_name(operand, [&](const std::string& name) { last_reads_[name] = i; });
  }
  for (const auto& output : document_.outputs)
    for_each_name(output.value, [&](const std::string& name) { last_reads_[name] = instructions_.size(); });
}

std::vector<IValue> Recording::run(const std::string& name, const at::Tensor& input,
                                   const SymbolSizes& symbols) const {
  Values values = values_;
  values[name] = input.clone();
  const auto define = [&](const std::string& result, const IValue& value, const std::string& where) {
    if (result.empty()) return;
    const auto meta = document_.tensors.find(result);
    if (value.isTensor() && value.toTensor().defined() && meta != document_.tensors.end()) {
      if (const auto difference = differs(meta->second, value.toTensor(), symbols); !difference.empty())
        throw UnsupportedOperator(message(where, " gives \"", result, "\", which ", difference));
    }
    values[result] = value;
  };
  for (std::size_t i = 0; i < instructions_.size(); ++i) {
    const auto& instruction = instructions_[i];
    if (instruction.effect == Instruction::Effect::Condition) continue;
    const auto where = symbolic::Place{instruction.callable.op, instruction.module}.text();
    std::vector<IValue> stack;
    for (const auto& operand : instruction.arguments)
      stack.push_back(value_of(operand, values));
    try {
      instruction.callable.run(stack);
    } catch (const c10::Error& error) {
      const std::string text = error.what_without_backtrace();
      throw ShapeMismatch(message(where, ": ", text.substr(0, text.find('\n'))));
    }
    for (std::size_t k = 0; k < instruction.outputs.size(); ++k) {
      const auto& output = instruction.outputs[k];
      if (!output.list) {
        define(output.name, stack.at(k), where);
        continue;
      }
      const auto elements = stack.at(k).toListRef();
      for (std::size_t j = 0; j < output.names.size() && j < elements.size(); ++j)
        define(output.names[j], elements[j], where);
    }
    for (const auto& operand : instruction.arguments) {
      for_each_name(operand, [&](const std::string& read) {
        if (last_reads_.at(read) == i) values.erase(read);
      });
    }
  }
  std::vector<IValue> outputs;
  for (const auto& output : document_.outputs) {
    if (output.user) outputs.push_back(value_of(output.value, values));
  }
  return outputs;
}

} // namespace spade::graph::exported
