// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include <spade/graph/node.hpp>
#include <spade/layer_graph.hpp>

namespace spade::graph {

/// What a rule sees of one active node during the reverse pass.
struct NodeContext {
  const Node& node;
  const LayerGraph& graph;
  /// The node's tensor operands that depend on the network's input, in argument order (lists flattened).
  const std::vector<at::Tensor>& inputs;
  const std::vector<at::Tensor>& outputs;
  /// Vector-Jacobian product with respect to `inputs`; undefined gradients count as zero.
  std::function<std::vector<at::Tensor>(const std::vector<at::Tensor>& gradients)> vjp;
  /// Runs the operator anew on other active operands and, by schema name, other arguments; differentiable in the
  /// operands where they require gradients.
  std::function<std::vector<at::Tensor>(const std::vector<at::Tensor>& inputs,
                                        const std::map<std::string, c10::IValue>& replaced)> rerun;
};

/// How what arrives at a node's outputs is passed on to its active inputs: one tensor per input, of its shape.
using Rule = std::function<std::vector<at::Tensor>(const NodeContext& context, const std::vector<at::Tensor>& incoming)>;

/// Which rule a node gets: by node, then by glob over module paths, then by kind, then the default.
class RuleSet {
 public:
  /// Every node that nothing else names: the vector-Jacobian product, unless another rule is given.
  RuleSet();
  explicit RuleSet(Rule fallback);

  RuleSet& node(std::size_t id, Rule rule);
  RuleSet& module(std::string pattern, Rule rule);
  RuleSet& kind(OpKind kind, Rule rule);

  [[nodiscard]] const Rule& find(const Node& node) const;

 private:
  std::map<std::size_t, Rule> by_node_;
  std::vector<std::pair<std::string, Rule>> by_module_;
  std::map<OpKind, Rule> by_kind_;
  Rule fallback_;
};

/// A forward pass that remembers, and reverse passes through it under rules.
///
/// Each active node is its own small autograd island: its operands are detached leaves. A reverse pass walks the nodes
/// backwards, sums what arrives at each value, and lets the node's rule pass it on; so residual sums, reused
/// activations and functional ReLUs need neither hooks nor rewrites. Memory: all active values, until destruction.
class Tape {
 public:
  explicit Tape(LayerGraph graph);
  ~Tape();
  Tape(Tape&&) noexcept;
  Tape& operator=(Tape&&) noexcept;

  /// Runs the graph and remembers; a second call forgets the first.
  at::Tensor forward(const at::Tensor& input);

  /// What `seed`, of the output's shape, becomes at the input. May be called several times after one forward.
  /// @throws InvalidArgument before any forward; ShapeMismatch on a seed of another shape
  [[nodiscard]] at::Tensor backward(const at::Tensor& seed, const RuleSet& rules = {}) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace spade::graph
