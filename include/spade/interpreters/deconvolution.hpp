// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <ATen/core/Tensor.h>

#include <spade/core/target.hpp>
#include <spade/interpreters/heat_map.hpp>
#include <spade/layer_graph.hpp>

namespace spade::interpreters {

/// The gradient with rectifiers that let only positive gradients through, active or not.
///
///     g_in = max(g_out, 0)    at a rectifier
///
/// and the ordinary gradient elsewhere; max-pooling sends it to the largest element, as the paper's switches
/// do. Cost: as GuidedBackprop. Source: zeiler2014visualizing, section 2.1; in this form
/// springenberg2015striving, figure 1.
class Deconvolution {
public:
  static constexpr Reduction reduction = Reduction::AbsoluteSum;

  /// Arguments, result and errors as GuidedBackprop::attribute.
  [[nodiscard]] at::Tensor attribute(const LayerGraph& graph, const at::Tensor& input,
                                     const Target& target) const;

  [[nodiscard]] std::string name() const { return "Deconvolution"; }
};

} // namespace spade::interpreters
