// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <ATen/core/Tensor.h>

#include <spade/core/target.hpp>
#include <spade/interpreters/heat_map.hpp>
#include <spade/interpreters/lrp/composite.hpp>
#include <spade/layer_graph.hpp>

namespace spade::interpreters {

/// Layer-wise relevance propagation: the class's relevance handed back operator by operator, by rules that
/// conserve it.
///
/// At the output R = 1 for the target class (or its score) and 0 elsewhere; every operator shares what
/// arrives at its outputs among its inputs by the composite's rule (lrp/composite.hpp, lrp/rules.hpp); what
/// reaches the input is the attribution. Values that are read several times, as before a residual sum, add up
/// what comes from each reader. A batch norm that alone reads a convolution's or linear layer's output is one
/// affine map with it: with scale a = gamma / sqrt(variance + eps), W' = a W and b' = a (b - mean) + beta;
/// the network itself is not changed. Cost: one forward pass on the tape, and for each layer on the way back
/// the runs that its rule has (lrp/rules.hpp: two to nine); memory: the tape's, and a copy of the weights
/// that a batch norm follows. Source: bach2015lrp; montavon2019lrp; for merged batch norms anders2021zennit.
class Lrp {
public:
  /// What the target class's output starts with.
  enum class Start {
    One,  ///< 1, so that attributions of different samples compare
    Score ///< f_t(x), so that a conserving composite sums to the score
  };

  static constexpr Reduction reduction = Reduction::PositiveSum;

  explicit Lrp(lrp::Composite composite, Start start = Start::One);

  /// Arguments, result and errors as Saliency::attribute; the result has signs.
  /// @throws UnsupportedOperator where relevance arrives at an operator without a rule (the text names it)
  [[nodiscard]] at::Tensor attribute(const LayerGraph& graph, const at::Tensor& input,
                                     const Target& target) const;

  [[nodiscard]] const lrp::Composite& composite() const { return composite_; }
  [[nodiscard]] std::string name() const { return "LRP " + composite_.name(); }

private:
  lrp::Composite composite_;
  Start start_;
};

} // namespace spade::interpreters
