// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/linalg/multiply.hpp>

#include <algorithm>

#include <spade/core/error.hpp>
#include <spade/core/parallel.hpp>

#include "linalg/kernels.hpp"
#include "linalg/packed.hpp"
#include "linalg/workspace.hpp"

namespace spade::linalg {

template <class T>
void multiply_add(T alpha, const ConstMatrix<T>& a, const ConstMatrix<T>& b, const Matrix<T>& c) {
  if (a.columns != b.rows || c.rows != a.rows || c.columns != b.columns) {
    throw ShapeMismatch(message("multiply_add: [", a.rows, ", ", a.columns, "] times [", b.rows, ", ",
                                b.columns, "] does not give [", c.rows, ", ", c.columns, "]"));
  }
  constexpr std::int64_t slice = 256;
  const auto& kernel = kernels<T>();
  const std::int64_t most = std::min(slice, a.columns);
  const Workspace<T> packed_a(packed_size(kernel, a.rows, most));
  const Workspace<T> packed_b(packed_size(kernel, b.columns, most));
  const std::int64_t tile = 4 * kernel.sliver;
  const std::int64_t across = (c.columns + tile - 1) / tile;
  const std::int64_t tasks = (c.rows + tile - 1) / tile * across;
  for (std::int64_t p = 0; p < a.columns; p += slice) {
    const std::int64_t depth = std::min(slice, a.columns - p);
    pack_all<T>(kernel, {a.data + p * a.column_stride, a.rows, depth, a.row_stride, a.column_stride},
                packed_a.data());
    pack_all<T>(kernel, {b.data + p * b.row_stride, b.columns, depth, b.column_stride, b.row_stride},
                packed_b.data());
    const double cost =
        static_cast<double>(c.rows) * static_cast<double>(c.columns) * static_cast<double>(depth);
    parallel_for(tasks, grain_for(cost, tasks), [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t task = begin; task < end; ++task) {
        const std::int64_t row = task / across * tile;
        const std::int64_t column = task % across * tile;
        kernel.multiply_add(depth, alpha, packed_a.data(), row, std::min(row + tile, c.rows), packed_b.data(),
                            column, std::min(column + tile, c.columns), c.data, c.row_stride, false);
      }
    });
  }
}

template void multiply_add<float>(float, const ConstMatrix<float>&, const ConstMatrix<float>&,
                                  const Matrix<float>&);
template void multiply_add<double>(double, const ConstMatrix<double>&, const ConstMatrix<double>&,
                                   const Matrix<double>&);

} // namespace spade::linalg
