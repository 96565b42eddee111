// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>

#include <spade/graph/node.hpp>
#include <spade/layer_graph.hpp>

namespace spade::graph {

/// What a rule sees of one active node during a reverse pass. Nothing of it outlives the call.
struct NodeContext {
  const Node& node;
  const LayerGraph& graph;
  /// The node's tensor operands that depend on the network's input, in argument order (lists flattened, an
  /// operand given twice listed twice). They carry no gradient.
  const std::vector<at::Tensor>& inputs;
  /// One per Node::outputs.
  const std::vector<at::Tensor>& outputs;
  /// The value that the node read as the argument of that schema name: weight, bias, stride, or an operand.
  /// @throws InvalidArgument where the operator has no such argument
  std::function<c10::IValue(const std::string& name)> argument;
  /// Vector-Jacobian product: one gradient per output in, one per input out. Undefined gradients count as
  /// zero. @throws InvalidArgument on another number; UnsupportedOperator where there is no derivative
  std::function<std::vector<at::Tensor>(const std::vector<at::Tensor>& gradients)> vjp;
  /// Runs the operator anew on other active operands and, by schema name, other arguments; differentiable in
  /// the operands where they require gradients. @throws InvalidArgument on another number of operands, or an
  /// argument that there is not; ShapeMismatch where the operator refuses them
  std::function<std::vector<at::Tensor>(const std::vector<at::Tensor>& inputs,
                                        const std::map<std::string, c10::IValue>& replaced)>
      rerun;
};

/// How what arrives at a node's outputs is passed on to its active inputs: one tensor per input, of its
/// shape.
///
/// `incoming` has one tensor per output: zeros where nothing arrived, undefined where the output is no
/// floating-point value. An undefined tensor in the result counts as zero. Rules run without gradient
/// tracking.
using Rule = std::function<std::vector<at::Tensor>(const NodeContext& context,
                                                   const std::vector<at::Tensor>& incoming)>;

/// Whether a module path matches a pattern: "*" stands for any characters, dots too, "?" for one. Cost: at
/// most the product of the lengths.
[[nodiscard]] bool module_matches(std::string_view pattern, std::string_view path);

/// Which rule a node gets: by node, then by glob over module paths, then by kind, then the default.
class RuleSet {
public:
  /// Every node that nothing else names: the vector-Jacobian product, unless another rule is given.
  RuleSet();
  /// @throws InvalidArgument, as the others do, on an empty rule
  explicit RuleSet(Rule fallback);

  RuleSet& node(std::size_t id, Rule rule);
  /// Nodes whose module path matches: "*" stands for any characters, dots too, "?" for one. Of several
  /// patterns that match, the first that was given counts.
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
/// Each active node is its own small autograd island: its operands are detached leaves. A reverse pass walks
/// the nodes backwards, sums what arrives at each value, and lets the node's rule pass it on; so residual
/// sums, reused activations and functional ReLUs need neither hooks nor rewrites. Without rules the result is
/// the gradient, bit for bit what autograd gives.
///
/// Cost: a forward pass with gradients; a reverse pass costs what autograd's does. Memory: every active value
/// and what autograd saves of it, until the next forward or destruction; a reverse pass frees what arrived at
/// a value as soon as it has been passed on.
class Tape {
public:
  explicit Tape(LayerGraph graph);
  ~Tape();
  Tape(Tape&&) noexcept;
  Tape& operator=(Tape&&) noexcept;

  /// Runs the graph and remembers; a second call forgets the first. The output carries no gradient.
  /// @throws InvalidArgument where the input is not of floating-point type; else as LayerGraph::forward
  at::Tensor forward(const at::Tensor& input);

  /// What `seed`, of the output's shape, becomes at the input. May be called several times after one forward.
  /// @throws InvalidArgument before any forward, and where a rule gives another number of tensors than the
  ///   node has inputs (the text names node and module)
  /// @throws ShapeMismatch on a seed of another shape than the output, or a rule's tensor of another than its
  /// input
  /// @throws UnsupportedOperator where an operator that no rule takes has no derivative
  [[nodiscard]] at::Tensor backward(const at::Tensor& seed, const RuleSet& rules = {}) const;

private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace spade::graph
