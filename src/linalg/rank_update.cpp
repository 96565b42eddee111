// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/linalg/rank_update.hpp>

#include <algorithm>

#include <spade/core/error.hpp>

#include "linalg/kernels.hpp"
#include "linalg/packed.hpp"
#include "linalg/workspace.hpp"

namespace spade::linalg {

template <class T> void rank_update(T alpha, const ConstMatrix<T>& x, const Matrix<T>& c) {
  if (c.rows != x.rows || c.columns != x.rows) {
    throw ShapeMismatch(message("rank_update: the Gram matrix of ", x.rows,
                                " rows does not fit a matrix of shape [", c.rows, ", ", c.columns, "]"));
  }
  constexpr std::int64_t slice = 256; // documented: bits depend on it
  const auto& kernel = kernels<T>();
  const Workspace<T> packed(packed_size(kernel, x.rows, std::min(slice, x.columns)));
  for (std::int64_t p = 0; p < x.columns; p += slice) {
    const std::int64_t depth = std::min(slice, x.columns - p);
    const ConstMatrix<T> part{x.data + p * x.column_stride, x.rows, depth, x.row_stride, x.column_stride};
    pack_all(kernel, part, packed.data());
    multiply_lower(kernel, depth, alpha, packed.data(), x.rows, c);
  }
}

template void rank_update<float>(float, const ConstMatrix<float>&, const Matrix<float>&);
template void rank_update<double>(double, const ConstMatrix<double>&, const Matrix<double>&);

} // namespace spade::linalg
