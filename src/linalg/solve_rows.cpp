// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/linalg/solve_rows.hpp>

#include <algorithm>
#include <vector>

#include <spade/core/error.hpp>
#include <spade/core/parallel.hpp>
#include <spade/linalg/multiply.hpp>

#include "linalg/kernels.hpp"
#include "linalg/packed.hpp"
#include "linalg/workspace.hpp"

namespace spade::linalg {
namespace {

constexpr std::int64_t block = 192;

template <class T>
ConstMatrix<T> part(const ConstMatrix<T>& l, std::int64_t row, std::int64_t column, std::int64_t rows,
                    std::int64_t columns) {
  return {l.data + row * l.row_stride + column * l.column_stride, rows, columns, l.row_stride,
          l.column_stride};
}

// L^T with rows and columns in reverse: lower triangular again.
template <class T> ConstMatrix<T> reversed_transpose(const ConstMatrix<T>& l) {
  const std::int64_t last = (l.rows - 1) * (l.row_stride + l.column_stride);
  return {l.data + last, l.rows, l.columns, -l.column_stride, -l.row_stride};
}

// B <- B L^-T; with `reversed`, on B's columns from the last to the first.
template <class T> void solve_corner(const ConstMatrix<T>& l, const Matrix<T>& b, bool reversed) {
  const auto& kernel = kernels<T>();
  const std::int64_t width = b.columns;
  const Workspace<T> packed(packed_size(kernel, width, width));
  pack_all<T>(kernel, l, packed.data());
  std::vector<T> reciprocals;
  for (std::int64_t i = 0; i < width; ++i)
    reciprocals.push_back(T{1} / l.data[i * (l.row_stride + l.column_stride)]);
  const std::int64_t slivers = (b.rows + kernel.sliver - 1) / kernel.sliver;
  const double cost =
      0.5 * static_cast<double>(b.rows) * static_cast<double>(width) * static_cast<double>(width);
  parallel_for(slivers, grain_for(cost, slivers), [&](std::int64_t begin, std::int64_t end) {
    const Workspace<T> x(kernel.sliver * width);
    const auto reverse = [&] {
      for (std::int64_t p = 0; reversed && p < width / 2; ++p) {
        T* const column = x.data() + p * kernel.sliver;
        std::swap_ranges(column, column + kernel.sliver, x.data() + (width - 1 - p) * kernel.sliver);
      }
    };
    for (std::int64_t s = begin; s < end; ++s) {
      const std::int64_t first = s * kernel.sliver;
      const std::int64_t rows = std::min(kernel.sliver, b.rows - first);
      T* const source = b.data + first * b.row_stride;
      kernel.pack(rows, width, source, b.row_stride, 1, x.data());
      reverse();
      kernel.solve(0, width, packed.data(), reciprocals.data(), x.data());
      reverse();
      kernel.unpack(rows, width, x.data(), source, b.row_stride);
    }
  });
}

} // namespace

template <class T> void solve_rows(const ConstMatrix<T>& l, const Matrix<T>& b) {
  const std::int64_t n = b.columns;
  if (l.rows != n || l.columns != n) {
    throw ShapeMismatch(message("solve_rows: a factor of shape [", l.rows, ", ", l.columns,
                                "] for right-hand sides of ", n, " columns"));
  }
  // Z L^T = B, then X L = Z.
  for (std::int64_t k = 0; k < n; k += block) {
    const std::int64_t width = std::min(block, n - k);
    const auto target = b.block(0, k, b.rows, width);
    if (k > 0) multiply_add<T>(T{-1}, b.block(0, 0, b.rows, k), part(l, k, 0, width, k).transposed(), target);
    solve_corner(part(l, k, k, width, width), target, false);
  }
  for (std::int64_t k = (n - 1) / block * block; k >= 0; k -= block) {
    const std::int64_t width = std::min(block, n - k);
    const std::int64_t after = n - k - width;
    const auto target = b.block(0, k, b.rows, width);
    if (after > 0) {
      multiply_add<T>(T{-1}, b.block(0, k + width, b.rows, after), part(l, k + width, k, after, width),
                      target);
    }
    solve_corner(reversed_transpose(part(l, k, k, width, width)), target, true);
  }
}

template void solve_rows<float>(const ConstMatrix<float>&, const Matrix<float>&);
template void solve_rows<double>(const ConstMatrix<double>&, const Matrix<double>&);

} // namespace spade::linalg
