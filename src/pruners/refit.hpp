// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include <spade/core/tensor_view.hpp>
#include <spade/linalg/matrix.hpp>

#include "linalg/kernels.hpp"
#include "linalg/live_columns.hpp"

namespace spade::pruners {

/// What a solution of one group costs, in the units of the scaled and damped H' = scale (H + damping mean I).
struct GroupError {
  double loss = 0;     ///< tr(D H' D^T), D = W - Q
  double distance = 0; ///< ||D||^2
  double output = 0;   ///< tr(W H' W^T)
  double weights = 0;  ///< ||W||^2
};

/// Least squares on each row's support: w_S = (H'_SS)^-1 (H' W^T)_S, in double, where S are the non-zeros of
/// Q.
///
/// @param weights W [rows, live columns]
/// @param pruned Q, overwritten by the result
/// @throws NumericalError where H'_SS is not positive definite
GroupError refit(const TensorView& gram, const linalg::LiveColumns& live, double damping, double scale,
                 const linalg::ConstMatrix<double>& weights, const linalg::Matrix<double>& pruned,
                 const std::string& context);

} // namespace spade::pruners
