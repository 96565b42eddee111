// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <spade/linalg/matrix.hpp>

namespace spade::linalg {

/// C += alpha A B, shared out over parallel_for by tiles of C; the bits do not depend on the number of
/// threads.
///
/// 2 m n k flops for A [m, k] and B [k, n]; packs 256 columns of A and rows of B at a time: a workspace of
/// 256 (m + n) elements.
/// @throws ShapeMismatch where the shapes do not go together
template <class T>
void multiply_add(T alpha, const ConstMatrix<T>& a, const ConstMatrix<T>& b, const Matrix<T>& c);

extern template void multiply_add<float>(float, const ConstMatrix<float>&, const ConstMatrix<float>&,
                                         const Matrix<float>&);
extern template void multiply_add<double>(double, const ConstMatrix<double>&, const ConstMatrix<double>&,
                                          const Matrix<double>&);

} // namespace spade::linalg
