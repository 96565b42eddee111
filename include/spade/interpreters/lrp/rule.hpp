// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>

#include <spade/graph/tape.hpp>
#include <spade/layer_graph.hpp>

namespace spade::lrp {

/// One operator on the way back, as a relevance rule sees it.
///
/// A convolution or linear layer shows the affine map it computes, y = W x + b. Where a batch norm follows
/// it, W and b are those of both together, so outputs() of the node itself are not W x + b: a rule computes
/// map() anew.
class Operator {
public:
  /// An operator that is not seen as an affine map.
  explicit Operator(const graph::NodeContext& context) : context_(context) {}
  /// @param bias undefined where there is none
  Operator(const graph::NodeContext& context, at::Tensor weight, at::Tensor bias)
      : context_(context), weight_(std::move(weight)), bias_(std::move(bias)) {}

  [[nodiscard]] const graph::Node& node() const { return context_.node; }
  [[nodiscard]] const LayerGraph& graph() const { return context_.graph; }
  /// The operands that depend on the network's input.
  [[nodiscard]] const std::vector<at::Tensor>& inputs() const { return context_.inputs; }
  [[nodiscard]] const std::vector<at::Tensor>& outputs() const { return context_.outputs; }
  /// Vector-Jacobian product of the node itself, one tensor for each of inputs(). The cost of one backward
  /// run.
  /// @throws UnsupportedOperator where the operator has no derivative
  [[nodiscard]] std::vector<at::Tensor> vjp(const std::vector<at::Tensor>& gradients) const;

  [[nodiscard]] bool affine() const { return weight_.defined(); }
  /// W, in the operator's own layout. @throws UnsupportedOperator where the operator is no affine map
  [[nodiscard]] const at::Tensor& weight() const;
  /// b; undefined where there is none.
  [[nodiscard]] const at::Tensor& bias() const { return bias_; }
  /// weight x + bias with any weight of W's shape and any bias (undefined: none), differentiable in x. The
  /// cost of one run of the operator.
  /// @throws UnsupportedOperator where the operator is no affine map
  [[nodiscard]] at::Tensor map(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) const;

private:
  void check_affine() const;

  const graph::NodeContext& context_;
  at::Tensor weight_;
  at::Tensor bias_;
};

/// How relevance at an operator's outputs is shared out to its inputs: one tensor for each of inputs(), of
/// its shape.
using Rule =
    std::function<std::vector<at::Tensor>(const Operator& op, const std::vector<at::Tensor>& relevance)>;

} // namespace spade::lrp
