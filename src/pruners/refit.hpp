// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include <spade/core/tensor_view.hpp>

#include "linalg/live_columns.hpp"

namespace spade::pruners {

/// What a solution of one group costs, in the units of the scaled and damped H' = scale (H + damping mean I).
struct GroupError {
  double loss = 0;     ///< tr(D H' D^T), D = W - Q
  double distance = 0; ///< ||D||^2
  double output = 0;   ///< tr(W H' W^T)
  double weights = 0;  ///< ||W||^2
};

/// Whether `refit` should be given the inverse of H' (see inverse_pays).
template <class Weight>
[[nodiscard]] bool wants_inverse(const linalg::LiveColumns& live, std::int64_t rows, std::int64_t columns,
                                 const Weight* pruned);

/// Least squares on each row's support: w_S = (H'_SS)^-1 (H' W^T)_S, in double, where S are the live columns
/// in which `pruned` is not zero. Other columns stay as they are.
///
/// k^3 / 3 flops for a row that keeps k, with the inverse (C - k)^3 / 3 where that is less. Memory: 2.5 C^2
/// doubles, C^2 more for the inverse, and C^2 / 4 a thread, given that it has the inverse where it wants it.
/// @param inverse of H' over the live columns [n, n], row-major, or null
/// @param weight [R, C], elements of the type of `pruned`; those of columns in live.zeroed count as 0
/// @param pruned [R, C], row-major, overwritten by the result
/// @throws NumericalError where H'_SS is not positive definite
template <class Weight>
GroupError refit(const TensorView& gram, const linalg::LiveColumns& live, double damping, double scale,
                 const double* inverse, const TensorView& weight, Weight* pruned, const std::string& context);

} // namespace spade::pruners
