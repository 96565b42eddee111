// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <ATen/core/Tensor.h>

#include <spade/core/target.hpp>
#include <spade/interpreters/forward_function.hpp>
#include <spade/interpreters/heat_map.hpp>

namespace spade::interpreters {

/// How much the class's output reacts to each input element: the absolute gradient.
///
///     A[n, i] = | d f_t(x[n]) / d x[n, i] |
///
/// with f_t the output of the target class t. Local: it tells of infinitely small changes around x only.
/// Cost: one forward and one backward pass over the batch, with the values that autograd keeps between them.
/// Source: simonyan2014saliency, section 3.
class Saliency {
public:
  static constexpr Reduction reduction = Reduction::AbsoluteSum;

  /// @param input [N, ...], floating point, finite; neither it nor its gradient is touched
  /// @returns the input's shape, never negative
  /// @throws InvalidArgument where the input is empty, has one dimension, or is not floating point, or the
  ///   target is out of range
  /// @throws NumericalError where the input or the network's output is not finite
  /// @throws ShapeMismatch where the output is not [N, classes], or the target does not fit the batch; and
  ///   what the forward pass throws
  template <DifferentiableGraph G>
  [[nodiscard]] at::Tensor attribute(const G& graph, const at::Tensor& input, const Target& target) const {
    return attribute(forward_of(graph), input, target);
  }
  [[nodiscard]] at::Tensor attribute(const ForwardFunction& forward, const at::Tensor& input,
                                     const Target& target) const;

  [[nodiscard]] std::string name() const { return "Saliency"; }
};

} // namespace spade::interpreters
