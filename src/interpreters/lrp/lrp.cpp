// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/interpreters/lrp.hpp>

#include <utility>

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <spade/core/error.hpp>
#include <spade/graph/tape.hpp>

#include "../class_score.hpp"
#include "affine_maps.hpp"

namespace spade::interpreters {
namespace {

/// The composite's rule for one node, as the tape wants it.
graph::Rule rule_of(const graph::Node& node, const lrp::Composite& composite, const lrp::AffineMaps& maps) {
  if (maps.merged.contains(node.id)) {
    return [](const graph::NodeContext&, const std::vector<at::Tensor>& relevance) {
      return std::vector<at::Tensor>{relevance.front()};
    };
  }
  auto rule = composite.find(node, maps.first.contains(node.id));
  if (!rule) {
    return [name = composite.name()](const graph::NodeContext& context,
                                     const std::vector<at::Tensor>&) -> std::vector<at::Tensor> {
      throw UnsupportedOperator(message("Lrp: the composite ", name, " has no rule for ",
                                        context.node.where(),
                                        "; give it one by Composite::kind or Composite::module"));
    };
  }
  const auto found = maps.by_node.find(node.id);
  auto map = found == maps.by_node.end() ? lrp::AffineMap{} : found->second;
  return [rule = std::move(rule), map = std::move(map)](const graph::NodeContext& context,
                                                        const std::vector<at::Tensor>& relevance) {
    return rule(lrp::Operator(context, map.weight, map.bias), relevance);
  };
}

} // namespace

Lrp::Lrp(lrp::Composite composite, Start start) : composite_(std::move(composite)), start_(start) {}

at::Tensor Lrp::attribute(const LayerGraph& graph, const at::Tensor& input, const Target& target) const {
  check_input(name(), input);
  const c10::InferenceMode recording(false);
  const auto maps = lrp::affine_maps(graph);
  graph::RuleSet rules;
  for (const auto& node : graph.nodes()) {
    if (node.active) rules.node(node.id, rule_of(node, composite_, maps));
  }

  graph::Tape tape(graph);
  const auto output = tape.forward(leaf_of(input).detach()).detach();
  check_output(name(), output, input.size(0));
  const auto index = class_index(output, target);
  const auto start = start_ == Start::One ? at::ones_like(index, output.options()) : output.gather(1, index);
  return tape.backward(at::zeros_like(output).scatter_(1, index, start), rules);
}

} // namespace spade::interpreters
