// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "shared_rules.hpp"

#include <set>
#include <string>

#include <spade/core/error.hpp>

namespace spade::lrp {
namespace {

using graph::OpKind;

[[noreturn]] void refuse(const Operator& op, const char* why) {
  throw UnsupportedOperator(message("Lrp: no rule for ", op.node().where(), ": ", why,
                                    "; give it one by Composite::kind or Composite::module"));
}

/// Branches share what their sum gets; a shift by a constant changes nobody's share.
Rule sum(const Norm& norm) {
  return [norm](const Operator& op, const std::vector<at::Tensor>& relevance) {
    return op.inputs().size() == 1 ? Pass{}(op, relevance) : norm(op, relevance);
  };
}

Rule product(const Norm& norm) {
  return [norm](const Operator& op, const std::vector<at::Tensor>& relevance) {
    if (op.inputs().size() != 1) refuse(op, "both factors depend on the input");
    return norm(op, relevance);
  };
}

std::vector<at::Tensor> scale(const Operator& op, const std::vector<at::Tensor>& relevance) {
  if (op.inputs().size() != 1) refuse(op, "both factors depend on the input");
  return Pass{}(op, relevance);
}

std::vector<at::Tensor> quotient(const Operator& op, const std::vector<at::Tensor>& relevance) {
  const auto* divisor = op.node().argument("other");
  const auto* slot = divisor == nullptr ? nullptr : std::get_if<graph::SlotRef>(&divisor->value);
  if (slot != nullptr && op.graph().program().slot_active[slot->id])
    refuse(op, "the divisor depends on the input");
  return Pass{}(op, relevance);
}

/// "aten::relu_" and "aten::relu" are one.
bool is_one_of(const graph::Node& node, const std::set<std::string>& names) {
  const auto end = node.op.ends_with('_') ? node.op.size() - 1 : node.op.size();
  return names.contains(node.op.substr(0, end));
}

} // namespace

Rule shared_rule(const graph::Node& node, const Norm& norm) {
  switch (node.kind) {
  case OpKind::Relu:
  case OpKind::HardTanh:
  case OpKind::Gelu:
  case OpKind::Silu:
  case OpKind::Tanh:
  case OpKind::BatchNorm:
    return Pass{};
  case OpKind::Add:
  case OpKind::Subtract:
    return sum(norm);
  case OpKind::Multiply:
    return scale;
  case OpKind::Divide:
    return quotient;
  case OpKind::MatMul:
    return product(norm);
  case OpKind::AveragePool:
  case OpKind::AdaptiveAveragePool:
  case OpKind::Mean:
    return norm;
  case OpKind::MaxPool:
  case OpKind::Concatenate:
  case OpKind::Reshape:
  case OpKind::Select:
  case OpKind::Dropout:
    return Gradient{};
  default:
    break;
  }
  static const std::set<std::string> pass{"aten::leaky_relu", "aten::elu",       "aten::celu", "aten::selu",
                                          "aten::prelu",      "aten::hardswish", "aten::mish", "aten::rrelu"};
  static const std::set<std::string> routing{"aten::pad",
                                             "aten::constant_pad_nd",
                                             "aten::reflection_pad2d",
                                             "aten::replication_pad2d",
                                             "aten::pixel_shuffle",
                                             "aten::upsample_nearest2d",
                                             "aten::channel_shuffle",
                                             "aten::adaptive_max_pool2d",
                                             "aten::stack",
                                             "aten::to",
                                             "aten::detach"};
  if (is_one_of(node, pass)) return Pass{};
  if (is_one_of(node, routing)) return Gradient{};
  return {};
}

} // namespace spade::lrp
