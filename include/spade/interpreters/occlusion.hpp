// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include <spade/core/target.hpp>
#include <spade/interpreters/forward_function.hpp>
#include <spade/interpreters/heat_map.hpp>

namespace spade::interpreters {

/// How much the class's output falls when a window over the input is covered.
///
///     A[n, i] = mean over windows w that contain i of f_t(x[n]) - f_t(x[n] with w set to the baseline)
///
/// Windows start at multiples of the stride until the input is covered; the last one along a dimension is cut
/// where it passes the end. Exact for a linear network with windows of one element: A = weight (x - x0).
/// Cost: 1 + prod_d (ceil((extent_d - window_d) / stride_d) + 1) forward passes a sample, `batch` of them at
/// a time; memory: one forward pass over `batch` inputs. No gradients. Source: zeiler2014visualizing,
/// section 4.2; the cut of the last window as in kokhlikyan2020captum.
class Occlusion {
public:
  static constexpr Reduction reduction = Reduction::AbsoluteSum;

  struct Options {
    /// One extent for each dimension of a sample, {channels, rows, columns} for pictures; 0 is the whole
    /// extent. Empty: an eighth of each spatial extent under all channels; single elements where a sample has
    /// one dimension.
    std::vector<std::int64_t> window = {};
    /// One step for each dimension, at most the window's extent; 0 is the window's extent. Empty: half the
    /// window, rounded up.
    std::vector<std::int64_t> stride = {};
    at::Tensor baseline = {}; ///< what covers: [1, ...] or like the input; undefined: zeros
    std::int64_t batch = 64;  ///< covered inputs per forward pass
  };

  /// @throws InvalidArgument where an extent or a step is negative, or batch is less than 1
  /// @throws ShapeMismatch where window and stride differ in length
  /// @throws NumericalError where the baseline is not floating point or not finite
  explicit Occlusion(Options options);
  Occlusion() : Occlusion(Options{}) {}

  /// Arguments, result and errors as Saliency::attribute; the result has signs.
  /// A batch gives the same bits as its samples one by one.
  /// @throws ShapeMismatch also where the window has another number of dimensions than a sample, or as for
  ///         IntegratedGradients' baseline
  /// @throws InvalidArgument also where the window is larger than the input, or a step larger than the window
  template <DifferentiableGraph G>
  [[nodiscard]] at::Tensor attribute(const G& graph, const at::Tensor& input, const Target& target) const {
    return attribute(forward_of(graph), input, target);
  }
  [[nodiscard]] at::Tensor attribute(const ForwardFunction& forward, const at::Tensor& input,
                                     const Target& target) const;

  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] std::string name() const { return "Occlusion"; }

private:
  Options options_;
};

} // namespace spade::interpreters
