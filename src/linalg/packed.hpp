// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// What the factorisations and products share: whole matrices in packed form, and threads over tiles of the
// output.
#pragma once

#include <cstdint>

#include <spade/linalg/matrix.hpp>

#include "linalg/kernels.hpp"

namespace spade::linalg {

/// Elements that a [rows, depth] matrix takes when packed.
template <class T>
[[nodiscard]] std::int64_t packed_size(const Kernels<T>& kernel, std::int64_t rows, std::int64_t depth) {
  return (rows + kernel.sliver - 1) / kernel.sliver * kernel.sliver * depth;
}

/// Packs a whole matrix, sliver after sliver.
template <class T> void pack_all(const Kernels<T>& kernel, const ConstMatrix<T>& source, T* packed);

/// C(i, j) += alpha sum_p A(i, p) A(j, p) for first <= j <= i < n, A packed [n, depth]; `first` is a multiple
/// of the sliver.
template <class T>
void multiply_lower(const Kernels<T>& kernel, std::int64_t depth, T alpha, const T* a, std::int64_t n,
                    std::int64_t first, const Matrix<T>& c);

/// C += alpha A B^T for packed A [rows of C, depth] and B [columns of C, depth].
template <class T>
void multiply_all(const Kernels<T>& kernel, std::int64_t depth, T alpha, const T* a, const T* b,
                  const Matrix<T>& c);

} // namespace spade::linalg
