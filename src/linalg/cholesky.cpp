// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/linalg/cholesky.hpp>

#include <algorithm>
#include <vector>

#include <spade/core/error.hpp>
#include <spade/core/parallel.hpp>
#include <spade/linalg/rank_update.hpp>

#include "linalg/dot.hpp"
#include "linalg/kernels.hpp"
#include "linalg/packed.hpp"
#include "linalg/workspace.hpp"

namespace spade::linalg {
namespace {

constexpr std::int64_t panel_columns = 256;

// Columns of a panel; a matrix of a few panels has narrow ones.
template <class T> std::int64_t panel_width(const Kernels<T>& kernel, std::int64_t n) {
  return n > 2 * panel_columns ? panel_columns : kernel.sliver;
}

// `reciprocals` [n] and `packed` (packed_size of [n, step] and of [step, step]) are workspace.
template <class T>
std::int64_t factor(const Kernels<T>& kernel, const Matrix<T>& a, T smallest_pivot, T* reciprocals,
                    T* packed) {
  const std::int64_t n = a.rows;
  if (n <= kernel.sliver) return kernel.factor(n, smallest_pivot, a.data, a.row_stride, reciprocals);
  const std::int64_t step = panel_width(kernel, n);
  T* const below = packed + packed_size(kernel, step, step);
  for (std::int64_t k = 0; k < n; k += step) {
    const std::int64_t width = std::min(step, n - k);
    const auto corner = a.block(k, k, width, width);
    // The corner's own workspace may overlap ours: ours is filled only after it.
    const std::int64_t done = factor(kernel, corner, smallest_pivot, reciprocals + k, packed);
    if (done < width) return k + done;
    const std::int64_t left = n - k - width;
    if (left == 0) break;
    pack_all<T>(kernel, corner, packed);
    const std::int64_t slivers = (left + kernel.sliver - 1) / kernel.sliver;
    const double cost =
        0.5 * static_cast<double>(left) * static_cast<double>(width) * static_cast<double>(width);
    parallel_for(slivers, grain_for(cost, slivers), [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t s = begin; s < end; ++s) {
        const std::int64_t first = s * kernel.sliver;
        const std::int64_t rows = std::min(kernel.sliver, left - first);
        T* const sliver = below + first * width;
        T* const source = a.data + (k + width + first) * a.row_stride + k;
        kernel.pack(rows, width, source, a.row_stride, 1, sliver);
        kernel.solve(0, width, packed, reciprocals + k, sliver);
        kernel.unpack(rows, width, sliver, source, a.row_stride);
      }
    });
    multiply_lower<T>(kernel, width, T{-1}, below, left, a.block(k + width, k + width, left, left));
  }
  return n;
}

} // namespace

template <class T> std::int64_t factor_workspace(std::int64_t n) {
  const auto& kernel = kernels<T>();
  const std::int64_t step = panel_width(kernel, n);
  return n + packed_size(kernel, n, step) + 2 * packed_size(kernel, step, step);
}

template <class T> std::int64_t factor_cholesky(const Matrix<T>& a, T smallest_pivot) {
  if (a.rows != a.columns) {
    throw ShapeMismatch(
        message("factor_cholesky: a matrix of shape [", a.rows, ", ", a.columns, "] is not square"));
  }
  const Workspace<T> workspace(factor_workspace<T>(a.rows));
  const auto& kernel = kernels<T>();
  return factor(kernel, a, smallest_pivot, workspace.data(), workspace.data() + a.rows);
}

template <class T> void solve_cholesky(const ConstMatrix<T>& l, T* b) {
  const std::int64_t n = l.rows;
  for (std::int64_t i = 0; i < n; ++i) {
    const T* row = l.data + i * l.row_stride;
    b[i] = (b[i] - dot<T>(i, row, b)) / row[i];
  }
  for (std::int64_t i = n; i-- > 0;) {
    const T* row = l.data + i * l.row_stride;
    b[i] /= row[i];
    for (std::int64_t j = 0; j < i; ++j)
      b[j] -= row[j] * b[i];
  }
}

template <class T> void invert_cholesky(const Matrix<T>& l, const Matrix<T>& inverse) {
  const std::int64_t n = l.rows;
  if (l.columns != n || inverse.rows != n || inverse.columns != n) {
    throw ShapeMismatch(message("invert_cholesky: [", n, ", ", l.columns, "] and [", inverse.rows, ", ",
                                inverse.columns, "] are not square matrices of one size"));
  }
  const auto& kernel = kernels<T>();
  Workspace<T> packed(packed_size(kernel, n, n));
  pack_all<T>(kernel, l, packed.data());
  std::vector<T> reciprocals;
  for (std::int64_t i = 0; i < n; ++i)
    reciprocals.push_back(T{1} / l.data[i * l.row_stride + i]);

  // L^-T takes L's place: a sliver of rows of the identity, times L^-T, is zero left of the diagonal.
  const std::int64_t slivers = (n + kernel.sliver - 1) / kernel.sliver;
  const double side = static_cast<double>(n);
  parallel_for(slivers, grain_for(side * side * side / 6, slivers),
               [&](std::int64_t begin, std::int64_t end) {
                 const Workspace<T> x(packed_size(kernel, kernel.sliver, n));
                 for (std::int64_t s = begin; s < end; ++s) {
                   const std::int64_t first = s * kernel.sliver;
                   const std::int64_t rows = std::min(kernel.sliver, n - first);
                   std::fill_n(x.data(), kernel.sliver * n, T{0});
                   for (std::int64_t r = 0; r < rows; ++r)
                     x.data()[(first + r) * kernel.sliver + r] = T{1};
                   kernel.solve(first, n, packed.data(), reciprocals.data(), x.data());
                   kernel.unpack(rows, n, x.data(), l.data + first * l.row_stride, l.row_stride);
                 }
               });

  packed = Workspace<T>(0); // the products take as much
  for (std::int64_t i = 0; i < n; ++i)
    std::fill_n(inverse.data + i * inverse.row_stride, i + 1, T{0});
  constexpr std::int64_t slice = 256;
  for (std::int64_t p = 0; p < n; p += slice) {
    const std::int64_t width = std::min(slice, n - p);
    rank_update<T>(T{1}, l.block(0, p, p + width, width), inverse.block(0, 0, p + width, p + width));
  }
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = 0; j < i; ++j)
      inverse.data[j * inverse.row_stride + i] = inverse.data[i * inverse.row_stride + j];
  }
}

template std::int64_t factor_workspace<float>(std::int64_t);
template std::int64_t factor_workspace<double>(std::int64_t);
template std::int64_t factor_cholesky<float>(const Matrix<float>&, float);
template std::int64_t factor_cholesky<double>(const Matrix<double>&, double);
template void solve_cholesky<float>(const ConstMatrix<float>&, float*);
template void solve_cholesky<double>(const ConstMatrix<double>&, double*);
template void invert_cholesky<float>(const Matrix<float>&, const Matrix<float>&);
template void invert_cholesky<double>(const Matrix<double>&, const Matrix<double>&);

} // namespace spade::linalg
