// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include <ATen/core/Tensor.h>

#include <spade/core/target.hpp>
#include <spade/interpreters/forward_function.hpp>
#include <spade/interpreters/heat_map.hpp>
#include <spade/interpreters/quadrature.hpp>

namespace spade::interpreters {

/// The gradient averaged on the straight way from a baseline to the input, times the way.
///
///     A[n, i] = (x[n, i] - x0[n, i]) sum_k w_k d f_t(x0 + a_k (x - x0)) / d x_i
///
/// with points a_k and weights w_k of a quadrature over [0, 1]. Complete: the sum over i is f_t(x) - f_t(x0),
/// up to the quadrature's error (completeness_gap). Cost: `steps` forward and backward passes a sample,
/// `batch` of them at a time; memory: one pass over `batch` inputs. Source: sundararajan2017integrated,
/// equation 1. Departure: equation 3 has a Riemann sum; the default here is Gauss and Legendre's quadrature.
class IntegratedGradients {
public:
  static constexpr Reduction reduction = Reduction::AbsoluteSum;
  enum class Rule { GaussLegendre, Midpoint };

  struct Options {
    std::int64_t steps = 50;
    Rule rule = Rule::GaussLegendre;
    at::Tensor baseline = {}; ///< x0: [1, ...] or like the input; undefined: zeros
    std::int64_t batch = 25;  ///< points of the way per pass
  };

  /// @throws InvalidArgument where steps or batch is less than 1
  /// @throws NumericalError where the baseline is not floating point or not finite
  explicit IntegratedGradients(Options options);
  IntegratedGradients() : IntegratedGradients(Options{}) {}

  /// Arguments, result and errors as Saliency::attribute; the result has signs.
  /// A batch gives the same bits as its samples one by one.
  /// @throws ShapeMismatch also where the baseline's shape is neither the input's nor that of one of its
  /// samples
  template <DifferentiableGraph G>
  [[nodiscard]] at::Tensor attribute(const G& graph, const at::Tensor& input, const Target& target) const {
    return attribute(forward_of(graph), input, target);
  }
  [[nodiscard]] at::Tensor attribute(const ForwardFunction& forward, const at::Tensor& input,
                                     const Target& target) const;

  /// sum_i A[n, i] - (f_t(x[n]) - f_t(x0[n])): what the quadrature missed.
  /// @param attribution what attribute() gave for the same arguments
  /// @returns [N], double
  /// @throws as attribute(), and ShapeMismatch where the attribution is not shaped like the input
  /// Cost: two forward passes over the batch.
  template <DifferentiableGraph G>
  [[nodiscard]] at::Tensor completeness_gap(const G& graph, const at::Tensor& input, const Target& target,
                                            const at::Tensor& attribution) const {
    return completeness_gap(forward_of(graph), input, target, attribution);
  }
  [[nodiscard]] at::Tensor completeness_gap(const ForwardFunction& forward, const at::Tensor& input,
                                            const Target& target, const at::Tensor& attribution) const;

  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] std::string name() const { return "IntegratedGradients"; }

private:
  Options options_;
  Quadrature quadrature_;
};

} // namespace spade::interpreters
