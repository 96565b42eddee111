// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include <spade/core/tensor_view.hpp>
#include <spade/linalg/matrix.hpp>

#include "linalg/live_columns.hpp"
#include "linalg/workspace.hpp"

namespace spade::linalg {

/// scale (H + damping mean I) = L L^T over the live columns in reverse order.
template <class T> struct DampedFactor {
  Workspace<T> memory;
  std::int64_t size = 0;
  double damping = 0; ///< what was used
  double scale = 1; ///< a power of two that brings the mean near 1, so that no unit of H over- or underflows

  [[nodiscard]] ConstMatrix<T> lower() const { return {memory.data(), size, size, size, 1}; }
};

/// What is tried where a damping does not suffice: ten times as much, from 0: 1e-4.
[[nodiscard]] constexpr double raised_damping(double damping) {
  return damping == 0.0 ? 1e-4 : 10 * damping;
}

/// How often a damping is raised before that is given up.
constexpr int most_raises = 4;

/// Factors with the damping given; where that fails, with ten times as much (from 0: 1e-4), four times at
/// most. A pivot counts as failed from sqrt(n) epsilon of the largest diagonal element downwards: below, it
/// would be rounding error.
/// @param context "Fast: the Gram matrix of layer 'fc', group 0", for the error
/// @throws NumericalError where all fail
template <class T>
[[nodiscard]] DampedFactor<T> factor_damped(const TensorView& gram, const LiveColumns& live, double damping,
                                            const std::string& context);

/// The same with `reference` damping of the published OBC: none, or +1 where the Cholesky factorisation in
/// float fails.
[[nodiscard]] DampedFactor<double> factor_reference(const TensorView& gram, const LiveColumns& live,
                                                    const std::string& context);

/// scale (H + damping mean I) over the live columns, in their order, in double.
[[nodiscard]] Workspace<double> damped_matrix(const TensorView& gram, const LiveColumns& live, double damping,
                                              double scale);

/// The inverse of that, in the same order; uses the factor up.
[[nodiscard]] Workspace<double> inverse_of(DampedFactor<double> factor);

} // namespace spade::linalg
