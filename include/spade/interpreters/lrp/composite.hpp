// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <spade/graph/node.hpp>
#include <spade/interpreters/lrp/rule.hpp>
#include <spade/interpreters/lrp/rules.hpp>

namespace spade::lrp {

/// Which operator of a network gets which rule.
///
/// Asked in this order, the last added first: patterns over module paths; rules for the first layers
/// (convolutions and linear layers that the network's input reaches through no other); kinds of operators;
/// and the rules that all composites share:
///
/// | operator | rule |
/// | --- | --- |
/// | elementwise functions with f(0) = 0: ReLU, ReLU6, leaky ReLU, ELU, GELU, SiLU, hardswish, tanh | Pass |
/// | sum or difference of two branches, average pooling, mean, matrix product with a constant | Norm |
/// | sum, difference, product, quotient with a constant | Pass |
/// | batch norm: merged into the convolution or linear layer whose only reader it is, else | Pass |
/// | max-pooling, reshaping, selection, concatenation, padding, dropout | Gradient |
/// | product of two branches, softmax, layer norm, attention, sigmoid, all others | UnsupportedOperator |
///
/// A rule for a smooth operator of the last row is the caller's decision, by kind() or module().
/// Source: montavon2019lrp and anders2021zennit (the shared rules are its layer_map_base). Every change gives
/// a copy of all rules.
class Composite {
public:
  /// @param name for reports
  /// @param norm the Norm of the shared rules
  explicit Composite(std::string name, Norm norm = Norm{}) : name_(std::move(name)), norm_(norm) {}

  /// Operators of that kind.
  [[nodiscard]] Composite kind(graph::OpKind kind, Rule rule) const;
  /// First layers of that kind.
  [[nodiscard]] Composite first(graph::OpKind kind, Rule rule) const;
  /// Operators whose module path matches (graph::module_matches). @throws InvalidArgument on an empty
  /// pattern
  [[nodiscard]] Composite module(std::string pattern, Rule rule) const;

  /// The node's rule; empty where there is none. Cost: the patterns, one after the other.
  [[nodiscard]] Rule find(const graph::Node& node, bool first_layer) const;

  [[nodiscard]] const std::string& name() const { return name_; }

private:
  std::string name_;
  Norm norm_;
  std::map<graph::OpKind, Rule> by_kind_;
  std::map<graph::OpKind, Rule> first_;
  std::vector<std::pair<std::string, Rule>> by_module_;
};

/// Epsilon for convolutions and linear layers alike, and the same epsilon in the shared rules. Close to input
/// x gradient (epsilon -> 0, rectifiers only). @throws InvalidArgument, as the three below, where epsilon or
/// gamma is negative or not finite
[[nodiscard]] Composite epsilon(double epsilon = default_stabiliser);

/// ZPlus for convolutions, Epsilon for linear layers. The last three are the composites of these names in
/// anders2021zennit; epsilon is that of the linear layers, all other rules keep default_stabiliser.
[[nodiscard]] Composite epsilon_plus(double epsilon = default_stabiliser);

/// AlphaBeta(2, 1) for convolutions, Epsilon for linear layers.
[[nodiscard]] Composite epsilon_alpha2_beta1(double epsilon = default_stabiliser);

/// ZBox for the first convolution, Gamma for the others, Epsilon for linear layers.
[[nodiscard]] Composite epsilon_gamma_box(ZBox box, double gamma = 0.25, double epsilon = default_stabiliser);

} // namespace spade::lrp
