// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <spade/linalg/matrix.hpp>

namespace spade::linalg {

/// Adds a panel's Gram matrix to the lower triangle: C += alpha X X^T.
///
/// X is [n, P] (P positions), C is [n, n], row-major; only C(i, j) with j <= i is read and written. X may lie
/// in memory either way round: `row_stride` 1, a [P, n] array, is packed fastest (copies); `column_stride` 1,
/// an [n, P] array as im2col of an NCHW image writes it, costs a transposition in registers, some 0.2 cycles
/// an element more. Other strides work, slowly. n P multiply-adds are done per row of C, in tiles of the
/// output shared out over parallel_for; small updates stay on the calling thread.
///
/// Bits: each element sums positions in order within a slice of 256, and adds slice after slice to C. They do
/// not depend on the number of threads, and they do not depend on how positions are cut into calls where
/// every call but the last holds a multiple of 256 of them.
///
/// Workspace: a packed copy of one slice, 256 n elements. NaN and infinity pass through.
/// @throws ShapeMismatch where C is not square with X's rows
template <class T> void rank_update(T alpha, const ConstMatrix<T>& x, const Matrix<T>& c);

extern template void rank_update<float>(float, const ConstMatrix<float>&, const Matrix<float>&);
extern template void rank_update<double>(double, const ConstMatrix<double>&, const Matrix<double>&);

} // namespace spade::linalg
