// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <spade/linalg/matrix.hpp>

namespace spade::linalg {

/// Solves X (L L^T) = B in place of B [m, n], row by row of B, for the factor that factor_cholesky left.
///
/// 2 m n^2 flops, in products and solves of blocks of 192 columns, shared out over parallel_for; the
/// bits do not depend on the number of threads.
/// @throws ShapeMismatch where L is not [n, n]
template <class T> void solve_rows(const ConstMatrix<T>& l, const Matrix<T>& b);

extern template void solve_rows<float>(const ConstMatrix<float>&, const Matrix<float>&);
extern template void solve_rows<double>(const ConstMatrix<double>&, const Matrix<double>&);

} // namespace spade::linalg
