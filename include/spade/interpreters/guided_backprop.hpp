// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <ATen/core/Tensor.h>

#include <spade/core/target.hpp>
#include <spade/interpreters/heat_map.hpp>
#include <spade/layer_graph.hpp>

namespace spade::interpreters {

/// The gradient with rectifiers that let only positive gradients through, where they were active.
///
///     g_in = [x > 0] max(g_out, 0)    at a rectifier y = max(x, 0)
///
/// and the ordinary gradient elsewhere. For ReLU and ReLU6 (where 6 > x too). Known limit: it depends little
/// on the class and recovers much of the picture by itself. Cost: one forward and one backward pass on the
/// tape (graph::Tape has the memory). Source: springenberg2015striving, figure 1.
class GuidedBackprop {
public:
  static constexpr Reduction reduction = Reduction::AbsoluteSum;

  /// Arguments, result and errors as Saliency::attribute; the result has signs.
  /// @throws UnsupportedOperator where a smooth or gating activation (GELU, SiLU, sigmoid, tanh, ...) carries
  ///   the gradient: the method is defined for rectifiers
  [[nodiscard]] at::Tensor attribute(const LayerGraph& graph, const at::Tensor& input,
                                     const Target& target) const;

  [[nodiscard]] std::string name() const { return "GuidedBackprop"; }
};

} // namespace spade::interpreters
