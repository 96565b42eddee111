// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/interpreters/lrp/composite.hpp>

#include <spade/core/error.hpp>
#include <spade/graph/tape.hpp>

#include "shared_rules.hpp"

namespace spade::lrp {

using graph::OpKind;

Composite Composite::kind(OpKind kind, Rule rule) const {
  auto result = *this;
  result.by_kind_[kind] = std::move(rule);
  return result;
}

Composite Composite::first(OpKind kind, Rule rule) const {
  auto result = *this;
  result.first_[kind] = std::move(rule);
  return result;
}

Composite Composite::module(std::string pattern, Rule rule) const {
  if (pattern.empty()) throw InvalidArgument(message("Composite ", name_, ": the module pattern is empty"));
  auto result = *this;
  result.by_module_.emplace_back(std::move(pattern), std::move(rule));
  return result;
}

Rule Composite::find(const graph::Node& node, bool first_layer) const {
  for (auto entry = by_module_.rbegin(); entry != by_module_.rend(); ++entry) {
    if (graph::module_matches(entry->first, node.module)) return entry->second;
  }
  if (first_layer) {
    if (const auto found = first_.find(node.kind); found != first_.end()) return found->second;
  }
  if (const auto found = by_kind_.find(node.kind); found != by_kind_.end()) return found->second;
  return shared_rule(node, norm_);
}

Composite epsilon(double epsilon) {
  return Composite("epsilon", Norm(epsilon))
      .kind(OpKind::Convolution, Epsilon(epsilon))
      .kind(OpKind::Linear, Epsilon(epsilon));
}

Composite epsilon_plus(double epsilon) {
  return Composite("epsilon-plus").kind(OpKind::Convolution, ZPlus{}).kind(OpKind::Linear, Epsilon(epsilon));
}

Composite epsilon_alpha2_beta1(double epsilon) {
  return Composite("epsilon-alpha2-beta1")
      .kind(OpKind::Convolution, AlphaBeta(2, 1))
      .kind(OpKind::Linear, Epsilon(epsilon));
}

Composite epsilon_gamma_box(ZBox box, double gamma, double epsilon) {
  return Composite("epsilon-gamma-box")
      .first(OpKind::Convolution, std::move(box))
      .kind(OpKind::Convolution, Gamma(gamma))
      .kind(OpKind::Linear, Epsilon(epsilon));
}

} // namespace spade::lrp
