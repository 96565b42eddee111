// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/linalg/cholesky.hpp>

#include <algorithm>
#include <vector>

#include <spade/core/error.hpp>
#include <spade/core/parallel.hpp>

#include "linalg/kernels.hpp"
#include "linalg/packed.hpp"
#include "linalg/workspace.hpp"

namespace spade::linalg {
namespace {

constexpr std::int64_t panel_columns = 192;

// `reciprocals` [n] and `packed` (packed_size of [n, step] and of [step, step]) are workspace.
template <class T>
std::int64_t factor(const Kernels<T>& kernel, const Matrix<T>& a, T smallest_pivot, T* reciprocals,
                    T* packed) {
  const std::int64_t n = a.rows;
  if (n <= kernel.sliver) return kernel.factor(n, smallest_pivot, a.data, a.row_stride, reciprocals);
  const std::int64_t step = n > 2 * panel_columns ? panel_columns : kernel.sliver;
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
        kernel.solve(width, packed, reciprocals + k, sliver);
        kernel.unpack(rows, width, sliver, source, a.row_stride);
      }
    });
    multiply_lower<T>(kernel, width, T{-1}, below, left, a.block(k + width, k + width, left, left));
  }
  return n;
}

} // namespace

template <class T> std::int64_t factor_cholesky(const Matrix<T>& a, T smallest_pivot) {
  if (a.rows != a.columns) {
    throw ShapeMismatch(
        message("factor_cholesky: a matrix of shape [", a.rows, ", ", a.columns, "] is not square"));
  }
  const auto& kernel = kernels<T>();
  const std::int64_t step = std::max(a.rows > 2 * panel_columns ? panel_columns : 0, kernel.sliver);
  const Workspace<T> workspace(a.rows + packed_size(kernel, a.rows, step) +
                               2 * packed_size(kernel, step, step));
  return factor(kernel, a, smallest_pivot, workspace.data(), workspace.data() + a.rows);
}

template <class T> void solve_cholesky(const ConstMatrix<T>& l, T* b) {
  const std::int64_t n = l.rows;
  for (std::int64_t i = 0; i < n; ++i) {
    const T* row = l.data + i * l.row_stride;
    // Four partial sums: the processor need not wait for one addition before the next.
    T sums[4] = {};
    std::int64_t j = 0;
    for (; j + 4 <= i; j += 4) {
      for (std::int64_t lane = 0; lane < 4; ++lane)
        sums[lane] += row[j + lane] * b[j + lane];
    }
    for (; j < i; ++j)
      sums[0] += row[j] * b[j];
    b[i] = (b[i] - ((sums[0] + sums[1]) + (sums[2] + sums[3]))) / row[i];
  }
  for (std::int64_t i = n; i-- > 0;) {
    const T* row = l.data + i * l.row_stride;
    b[i] /= row[i];
    for (std::int64_t j = 0; j < i; ++j)
      b[j] -= row[j] * b[i];
  }
}

template std::int64_t factor_cholesky<float>(const Matrix<float>&, float);
template std::int64_t factor_cholesky<double>(const Matrix<double>&, double);
template void solve_cholesky<float>(const ConstMatrix<float>&, float*);
template void solve_cholesky<double>(const ConstMatrix<double>&, double*);

} // namespace spade::linalg
