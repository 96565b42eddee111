// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "rectifier_gradient.hpp"

#include <set>

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <spade/core/error.hpp>

#include "class_score.hpp"

namespace spade::interpreters {
namespace {

using graph::OpKind;

/// y = max(x, 0), or min(max(x, 0), c).
bool is_rectifier(const graph::Node& node) {
  if (node.kind == OpKind::Relu) return true;
  if (node.kind != OpKind::HardTanh) return false;
  if (node.op.starts_with("aten::relu6")) return true;
  const auto* low = node.argument("min_val") != nullptr ? node.argument("min_val") : node.argument("min");
  const auto* value = low == nullptr ? nullptr : std::get_if<c10::IValue>(&low->value);
  return value != nullptr && value->isScalar() && value->toScalar().to<double>() == 0;
}

bool is_other_activation(const graph::Node& node) {
  static const std::set<OpKind> kinds{OpKind::HardTanh, OpKind::Gelu, OpKind::Silu, OpKind::Sigmoid,
                                      OpKind::Tanh};
  static const std::set<std::string> names{
      "aten::leaky_relu", "aten::elu",  "aten::celu",     "aten::selu",        "aten::prelu",
      "aten::hardswish",  "aten::mish", "aten::softplus", "aten::hardsigmoid", "aten::log_sigmoid"};
  const auto end = node.op.ends_with('_') ? node.op.size() - 1 : node.op.size();
  return kinds.contains(node.kind) || names.contains(node.op.substr(0, end));
}

} // namespace

at::Tensor rectifier_gradient(const std::string& method, const LayerGraph& graph, const at::Tensor& input,
                              const Target& target, const graph::Rule& rule) {
  check_input(method, input);
  graph::RuleSet rules;
  for (const auto& node : graph.nodes()) {
    if (!node.active) continue;
    if (is_rectifier(node)) {
      rules.node(node.id, rule);
    } else if (is_other_activation(node)) {
      throw UnsupportedOperator(message(method, ": ", node.where(),
                                        " is no rectifier; the method is defined for networks "
                                        "of ReLU or ReLU6 only"));
    }
  }
  const c10::InferenceMode recording(false);
  graph::Tape tape(graph);
  const auto output = tape.forward(leaf_of(input).detach()).detach();
  check_output(method, output, input.size(0));
  return tape.backward(at::zeros_like(output).scatter_(1, class_index(output, target), 1), rules);
}

} // namespace spade::interpreters
