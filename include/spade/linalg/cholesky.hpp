// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <spade/linalg/matrix.hpp>

namespace spade::linalg {

/// Cholesky factorisation in place: A = L L^T with L lower triangular.
///
/// Reads and writes A(i, j) with j <= i only; A is [n, n]. A pivot (the square of a diagonal element of L)
/// that is not over `smallest_pivot`, or not finite, ends the factorisation.
/// @returns n, or the index of the pivot that failed; A is then partly overwritten
/// @throws ShapeMismatch where A is not square
///
/// n^3 / 3 flops, shared out over parallel_for: right-looking by panels of 256 columns (from n = 513 on; of a sliver's
/// before), whose triangular solve and trailing update run on packed slivers. The bits do not depend on the number of
/// threads. Workspace: no more than 257 n + 160000 elements, 49 n + 7000 up to n = 512. Source: anderson1999lapack,
/// potrf's blocked algorithm.
template <class T> [[nodiscard]] std::int64_t factor_cholesky(const Matrix<T>& a, T smallest_pivot = T{0});

/// Solves L L^T x = b in place of b [n], for the factor that factor_cholesky left. 2 n^2 flops on the calling
/// thread.
template <class T> void solve_cholesky(const ConstMatrix<T>& l, T* b);

/// inverse <- (L L^T)^-1, both triangles, for the factor that factor_cholesky left. L is overwritten.
///
/// 2 n^3 / 3 flops, shared out over parallel_for: L^-T row by row, then its products with itself. The bits do
/// not depend on the number of threads. Workspace: n^2 elements.
/// @throws ShapeMismatch where the matrices are not square and of one size
template <class T> void invert_cholesky(const Matrix<T>& l, const Matrix<T>& inverse);

extern template std::int64_t factor_cholesky<float>(const Matrix<float>&, float);
extern template std::int64_t factor_cholesky<double>(const Matrix<double>&, double);
extern template void solve_cholesky<float>(const ConstMatrix<float>&, float*);
extern template void solve_cholesky<double>(const ConstMatrix<double>&, double*);
extern template void invert_cholesky<float>(const Matrix<float>&, const Matrix<float>&);
extern template void invert_cholesky<double>(const Matrix<double>&, const Matrix<double>&);

} // namespace spade::linalg
