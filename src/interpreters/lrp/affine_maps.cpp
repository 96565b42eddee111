// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "affine_maps.hpp"

#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include "../../graph/program_builder.hpp"

namespace spade::lrp {
namespace {

using graph::Argument;
using graph::for_each_slot;
using graph::Node;
using graph::OpKind;
using graph::SlotId;
using graph::SlotRef;

/// The values that do not depend on the network's input: constants, parameters, and what is computed from
/// them.
class Constants {
public:
  explicit Constants(const LayerGraph& graph)
      : graph_(graph), producer_(graph.program().slot_count, nullptr) {
    for (const auto& node : graph.nodes()) {
      for (const auto slot : node.outputs)
        producer_[slot] = &node;
    }
  }

  /// None where there is no such argument, or it depends on the input.
  [[nodiscard]] c10::IValue value(const Node& node, const std::string& name) const {
    const auto* argument = node.argument(name);
    return argument == nullptr ? c10::IValue() : value(*argument);
  }
  [[nodiscard]] at::Tensor tensor(const Node& node, const std::string& name) const {
    const auto found = value(node, name);
    return found.isTensor() ? found.toTensor().detach() : at::Tensor();
  }

private:
  [[nodiscard]] c10::IValue value(const Argument& argument) const {
    if (const auto* constant = std::get_if<c10::IValue>(&argument.value)) return *constant;
    if (const auto* parameter = std::get_if<graph::ParameterRef>(&argument.value))
      return graph_.parameter(parameter->id);
    const auto* slot = std::get_if<SlotRef>(&argument.value);
    if (slot == nullptr || producer_[slot->id] == nullptr || graph_.program().slot_active[slot->id])
      return {};
    const auto& node = *producer_[slot->id];
    std::vector<c10::IValue> stack;
    for (const auto& operand : node.arguments)
      stack.push_back(value(operand));
    node.run(stack);
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      if (node.outputs[i] == slot->id) return stack[i];
    }
    return {};
  }

  const LayerGraph& graph_;
  std::vector<const Node*> producer_;
};

bool is_one(const c10::IValue& value) {
  return value.isNone() || (value.isInt() && value.toInt() == 1) ||
         (value.isDouble() && value.toDouble() == 1);
}

/// The node as an affine map of its active operand; an undefined weight where it is none.
AffineMap affine_map(const Node& node, const Constants& constants) {
  if (node.kind != OpKind::Convolution && node.kind != OpKind::Linear) return {};
  if (node.argument("weight") != nullptr)
    return {constants.tensor(node, "weight"), constants.tensor(node, "bias")};
  if (node.argument("mat2") != nullptr && is_one(constants.value(node, "beta")) &&
      is_one(constants.value(node, "alpha"))) {
    return {constants.tensor(node, "mat2"), constants.tensor(node, "self")};
  }
  return {};
}

/// The batch norm after an affine map of outputs along the weight's first dimension, as part of it.
AffineMap with_batch_norm(const AffineMap& map, const Node& norm, const Constants& constants) {
  const auto mean = constants.tensor(norm, "running_mean");
  const auto variance = constants.tensor(norm, "running_var");
  if (!mean.defined() || !variance.defined()) return {};
  const auto deviation = (variance + constants.value(norm, "eps").toDouble()).sqrt();
  const auto gamma = constants.tensor(norm, "weight");
  const auto scale = gamma.defined() ? gamma / deviation : deviation.reciprocal();
  auto bias = (map.bias.defined() ? map.bias - mean : -mean) * scale;
  if (const auto beta = constants.tensor(norm, "bias"); beta.defined()) bias = bias + beta;
  std::vector<std::int64_t> shape(static_cast<std::size_t>(map.weight.dim()), 1);
  shape[0] = -1;
  return {map.weight * scale.reshape(shape), bias};
}

} // namespace

AffineMaps affine_maps(const LayerGraph& graph) {
  const c10::AutoGradMode plain(false);
  const auto& program = graph.program();
  const Constants constants(graph);

  std::vector<std::vector<const Node*>> readers(program.slot_count);
  for (const auto& node : graph.nodes()) {
    if (!node.active) continue;
    for (const auto& argument : node.arguments) {
      for_each_slot(argument, [&](const SlotRef& slot) { readers[slot.id].push_back(&node); });
    }
  }

  AffineMaps maps;
  std::vector<bool> behind_affine(program.slot_count, false);
  for (const auto& node : graph.nodes()) {
    if (!node.active) continue;
    bool behind = false;
    for (const auto& argument : node.arguments) {
      for_each_slot(argument, [&](const SlotRef& slot) { behind = behind || behind_affine[slot.id]; });
    }
    auto map = affine_map(node, constants);
    for (const auto slot : node.outputs)
      behind_affine[slot] = behind || map.weight.defined();
    if (!map.weight.defined()) continue;
    if (!behind) maps.first.insert(node.id);

    const auto output = node.outputs.front();
    const auto transposed = constants.value(node, "transposed");
    const bool rows_first =
        node.argument("weight") != nullptr && !(transposed.isBool() && transposed.toBool());
    if (rows_first && output != program.output && readers[output].size() == 1 &&
        readers[output].front()->kind == OpKind::BatchNorm) {
      const auto& norm = *readers[output].front();
      if (auto merged = with_batch_norm(map, norm, constants); merged.weight.defined()) {
        map = std::move(merged);
        maps.merged.insert(norm.id);
      }
    }
    maps.by_node.emplace(node.id, std::move(map));
  }
  return maps;
}

} // namespace spade::lrp
