// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/linalg/solve_rows.hpp>

#include <algorithm>

#include <spade/core/error.hpp>
#include <spade/core/parallel.hpp>
#include <spade/linalg/multiply.hpp>

namespace spade::linalg {
namespace {

constexpr std::int64_t block = 64;

template <class T>
ConstMatrix<T> part(const ConstMatrix<T>& l, std::int64_t row, std::int64_t column, std::int64_t rows,
                    std::int64_t columns) {
  return {l.data + row * l.row_stride + column * l.column_stride, rows, columns, l.row_stride,
          l.column_stride};
}

// Z L^T = B for the block of columns at k: z_j = (b_j - sum_{i < j} l_ji z_i) / l_jj.
template <class T>
void solve_lower(const ConstMatrix<T>& l, const Matrix<T>& b, std::int64_t k, std::int64_t width) {
  parallel_for(b.rows, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t r = begin; r < end; ++r) {
      T* row = b.data + r * b.row_stride + k;
      for (std::int64_t j = 0; j < width; ++j) {
        const T* factor = l.data + (k + j) * l.row_stride + k * l.column_stride;
        T sum = row[j];
        for (std::int64_t i = 0; i < j; ++i)
          sum -= factor[i * l.column_stride] * row[i];
        row[j] = sum / factor[j * l.column_stride];
      }
    }
  });
}

// X L = Z for the block of columns at k: x_j = (z_j - sum_{i > j} x_i l_ij) / l_jj.
template <class T>
void solve_upper(const ConstMatrix<T>& l, const Matrix<T>& b, std::int64_t k, std::int64_t width) {
  parallel_for(b.rows, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t r = begin; r < end; ++r) {
      T* row = b.data + r * b.row_stride + k;
      for (std::int64_t j = width; j-- > 0;) {
        const T* factor = l.data + (k + j) * l.row_stride + k * l.column_stride;
        row[j] /= factor[j * l.column_stride];
        for (std::int64_t i = 0; i < j; ++i)
          row[i] -= row[j] * factor[i * l.column_stride];
      }
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
  for (std::int64_t k = 0; k < n; k += block) {
    const std::int64_t width = std::min(block, n - k);
    if (k > 0) {
      multiply_add<T>(T{-1}, b.block(0, 0, b.rows, k), part(l, k, 0, width, k).transposed(),
                      b.block(0, k, b.rows, width));
    }
    solve_lower(l, b, k, width);
  }
  for (std::int64_t k = (n - 1) / block * block; k >= 0; k -= block) {
    const std::int64_t width = std::min(block, n - k);
    const std::int64_t after = n - k - width;
    if (after > 0) {
      multiply_add<T>(T{-1}, b.block(0, k + width, b.rows, after), part(l, k + width, k, after, width),
                      b.block(0, k, b.rows, width));
    }
    solve_upper(l, b, k, width);
  }
}

template void solve_rows<float>(const ConstMatrix<float>&, const Matrix<float>&);
template void solve_rows<double>(const ConstMatrix<double>&, const Matrix<double>&);

} // namespace spade::linalg
