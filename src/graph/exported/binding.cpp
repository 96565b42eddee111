// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "binding.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <ATen/ATen.h>

#include <spade/core/error.hpp>

#include "operators.hpp"
#include "wrapped_number.hpp"

namespace spade::graph::exported {
namespace {

using Kind = Operand::Kind;

std::string place(const NodeRecord& node) {
  return message(node.target, node.module.empty() ? " at the root" : " in module " + node.module);
}

c10::TypePtr unwrapped(c10::TypePtr type) {
  while (type->kind() == c10::TypeKind::OptionalType)
    type = type->expect<c10::OptionalType>()->getElementType();
  return type;
}

void fit_number(Operand& operand, const c10::TypePtr& type) {
  const bool number = operand.kind == Kind::Constant && operand.constant.isScalar();
  if (type->kind() == c10::TypeKind::TensorType) {
    if (number) operand.constant = wrapped_number(operand.constant);
    if (operand.numeric) operand.conversion = Operand::Conversion::ToTensor;
  } else if (type->kind() == c10::TypeKind::FloatType) {
    if (number && operand.constant.isInt()) operand.constant = static_cast<double>(operand.constant.toInt());
    if (operand.numeric) operand.conversion = Operand::Conversion::ToFloat;
  }
}

void fit(Operand& operand, const c10::Argument& argument, const NodeRecord& node) {
  const auto type = unwrapped(argument.type());
  if (operand.kind == Kind::None) return;
  if (type->kind() != c10::TypeKind::ListType) {
    if (operand.kind == Kind::List) {
      throw FileError(message(place(node), " is damaged: its argument \"", argument.name(),
                              "\" is a list, not ", type->str()));
    }
    return fit_number(operand, type);
  }
  const auto element = type->expect<c10::ListType>()->getElementType();
  if (operand.kind != Kind::List) { // stride=1 for stride=[1, 1]
    Operand list;
    list.kind = Kind::List;
    list.elements.assign(static_cast<std::size_t>(std::clamp(argument.N().value_or(1), 1, 16)), operand);
    operand = std::move(list);
  }
  operand.element = element;
  for (auto& item : operand.elements)
    fit_number(item, unwrapped(element));
}

/// The operands in the order of the schema.
std::vector<Operand> fit_all(const NodeRecord& node, const c10::FunctionSchema& schema) {
  std::vector<Operand> operands;
  std::size_t used = 0;
  for (const auto& argument : schema.arguments()) {
    const auto given = [&](const auto& input) { return input.first == argument.name(); };
    const auto found = std::ranges::find_if(node.inputs, given);
    if (found != node.inputs.end()) {
      if (std::ranges::count_if(node.inputs, given) > 1)
        throw FileError(message(place(node), " is damaged: it has two arguments \"", argument.name(), "\""));
      operands.push_back(found->second);
      fit(operands.back(), argument, node);
      ++used;
    } else if (argument.default_value()) {
      operands.emplace_back();
      operands.back().kind = Kind::Constant;
      operands.back().constant = *argument.default_value();
      if (operands.back().constant.isNone()) operands.back().kind = Kind::None;
    } else {
      throw FileError(message(place(node), " is damaged: it lacks its argument \"", argument.name(), "\""));
    }
  }
  if (used != node.inputs.size()) {
    for (const auto& [name, operand] : node.inputs) {
      if (!schema.argumentIndexWithName(name)) {
        throw UnsupportedOperator(message(place(node), " has an argument \"", name,
                                          "\", which this LibTorch's operator has not: ", schema));
      }
    }
  }
  return operands;
}

bool is_true(const NodeRecord& node, const char* name) {
  return std::ranges::any_of(node.inputs, [&](const auto& input) {
    return input.first == name && input.second.kind == Kind::Constant && input.second.constant.isBool() &&
           input.second.constant.toBool();
  });
}

bool gives(const NodeRecord& node, const char* name) {
  return std::ranges::any_of(
      node.inputs, [&](const auto& input) { return input.first == name && input.second.kind != Kind::None; });
}

/// Layers that do something else while a network is trained say so in an argument.
void check_mode(const NodeRecord& node, const std::string& op) {
  const bool random = op.ends_with("dropout") || op.ends_with("dropout_");
  const bool statistics = op.find("batch_norm") != std::string::npos || op == "aten::instance_norm";
  const bool training = is_true(node, "train") || is_true(node, "training") ||
                        (op == "aten::instance_norm" && is_true(node, "use_input_stats"));
  if (training && (random || (statistics && gives(node, "running_mean")))) {
    throw UnsupportedOperator(message(place(node), " runs in training mode (",
                                      random ? "it is random" : "it changes its running statistics",
                                      "); call model.eval() before torch.export.export"));
  }
}

/// Operators that only check or tell the exporter something about sizes.
bool is_dropped(const std::string& op) {
  static constexpr std::array dropped{"aten::_assert_tensor_metadata", "aten::sym_constrain_range",
                                      "aten::sym_constrain_range_for_size", "aten::_assert_async"};
  return std::ranges::find(dropped, std::string_view(op)) != dropped.end();
}

void check_results(const NodeRecord& node, const c10::FunctionSchema& schema) {
  if (node.outputs.size() > schema.returns().size()) {
    throw FileError(message(place(node), " is damaged: it has ", node.outputs.size(), " results, and gives ",
                            schema.returns().size()));
  }
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    const bool list = schema.returns()[i].type()->kind() == c10::TypeKind::ListType;
    if (list != node.outputs[i].list) {
      throw FileError(message(place(node), " is damaged: its result ", i, " is ", list ? "a list" : "no list",
                              " of tensors"));
    }
  }
}

Instruction bind(const NodeRecord& node) {
  auto op = find_operator(node.target);
  Instruction instruction;
  instruction.callable.op = op.name;
  instruction.callable.run = std::move(op.run);
  instruction.outputs = node.outputs;
  instruction.module = node.module;
  if (!op.schema) {
    for (const auto& [name, operand] : node.inputs) {
      instruction.callable.argument_names.push_back(name);
      instruction.arguments.push_back(operand);
    }
    return instruction;
  }
  check_mode(node, op.name);
  instruction.overload = op.schema->overload_name();
  instruction.arguments = fit_all(node, *op.schema);
  check_results(node, *op.schema);
  for (std::size_t i = 0; i < op.schema->arguments().size(); ++i) {
    const auto& argument = op.schema->arguments()[i];
    instruction.callable.argument_names.push_back(argument.name());
    if (argument.alias_info() == nullptr || !argument.alias_info()->isWrite()) continue;
    if (i != 0 || !op.name.ends_with("_"))
      throw UnsupportedOperator(message(place(node), " writes to its argument \"", argument.name(), "\""));
    instruction.effect = Instruction::Effect::Write;
  }
  if (op.name == "aten::_assert_scalar") {
    instruction.effect = Instruction::Effect::Condition;
  } else if (op.schema->returns().empty()) {
    throw UnsupportedOperator(message(place(node), " gives no result: what it is for is not known"));
  }
  return instruction;
}

} // namespace

std::vector<Instruction> bind(const std::vector<NodeRecord>& nodes) {
  std::vector<Instruction> instructions;
  for (const auto& node : nodes) {
    constexpr std::string_view prefix = "torch.ops.aten.";
    if (node.target.starts_with(prefix)) {
      const auto base =
          node.target.substr(prefix.size(), node.target.find('.', prefix.size()) - prefix.size());
      if (is_dropped("aten::" + base)) continue;
    }
    instructions.push_back(bind(node));
  }
  return instructions;
}

} // namespace spade::graph::exported
