// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <ATen/core/Tensor.h>

#include <spade/core/target.hpp>
#include <spade/interpreters/forward_function.hpp>
#include <spade/interpreters/heat_map.hpp>

namespace spade::interpreters {

/// The input times the gradient of the class's output.
///
///     A[n, i] = x[n, i] d f_t(x[n]) / d x[n, i]
///
/// For a network of linear maps without bias and rectifiers it sums to f_t(x): the first-order share of each
/// element, measured from the origin. Cost: as Saliency. Source: shrikumar2016inputxgradient.
class InputXGradient {
public:
  static constexpr Reduction reduction = Reduction::AbsoluteSum;

  /// Arguments, result and errors as Saliency::attribute; the result has signs.
  template <DifferentiableGraph G>
  [[nodiscard]] at::Tensor attribute(const G& graph, const at::Tensor& input, const Target& target) const {
    return attribute(forward_of(graph), input, target);
  }
  [[nodiscard]] at::Tensor attribute(const ForwardFunction& forward, const at::Tensor& input,
                                     const Target& target) const;

  [[nodiscard]] std::string name() const { return "InputXGradient"; }
};

} // namespace spade::interpreters
