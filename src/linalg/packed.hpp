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

/// Elements of workspace that factor_cholesky takes for n rows.
template <class T> [[nodiscard]] std::int64_t factor_workspace(std::int64_t n);

/// The grain for parallel_for over `tasks` pieces of work: a thread gets enough multiply-adds to be worth
/// starting.
[[nodiscard]] std::int64_t grain_for(double multiply_adds, std::int64_t tasks);

/// Packs a whole matrix, sliver after sliver.
template <class T> void pack_all(const Kernels<T>& kernel, const ConstMatrix<T>& source, T* packed);

/// C(i, j) += alpha sum_p A(i, p) A(j, p) for 0 <= j <= i < n, A packed [n, depth].
template <class T>
void multiply_lower(const Kernels<T>& kernel, std::int64_t depth, T alpha, const T* a, std::int64_t n,
                    const Matrix<T>& c);

} // namespace spade::linalg
