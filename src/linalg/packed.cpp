// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "linalg/packed.hpp"

#include <algorithm>
#include <cmath>

#include <spade/core/parallel.hpp>

namespace spade::linalg {
namespace {

// A tile of the output: its packed rows and columns stay in the second-level cache.
constexpr std::int64_t tile_slivers = 4;

// Under this many multiply-adds a thread costs more than it brings.
constexpr double worth_a_thread = 4e6;

} // namespace

std::int64_t grain_for(double multiply_adds, std::int64_t tasks) {
  if (tasks < 2 || multiply_adds < 2 * worth_a_thread) return tasks;
  return std::max<std::int64_t>(
      1, static_cast<std::int64_t>(std::ceil(worth_a_thread * static_cast<double>(tasks) / multiply_adds)));
}

template <class T> void pack_all(const Kernels<T>& kernel, const ConstMatrix<T>& source, T* packed) {
  const std::int64_t slivers = (source.rows + kernel.sliver - 1) / kernel.sliver;
  // Moving an element costs about as much as sixteen multiply-adds.
  const double cost = 16.0 * static_cast<double>(source.rows) * static_cast<double>(source.columns);
  parallel_for(slivers, grain_for(cost, slivers), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t s = begin; s < end; ++s) {
      const std::int64_t row = s * kernel.sliver;
      kernel.pack(std::min(kernel.sliver, source.rows - row), source.columns,
                  source.data + row * source.row_stride, source.row_stride, source.column_stride,
                  packed + row * source.columns);
    }
  });
}

template <class T>
void multiply_lower(const Kernels<T>& kernel, std::int64_t depth, T alpha, const T* a, std::int64_t n,
                    const Matrix<T>& c) {
  const std::int64_t tile = tile_slivers * kernel.sliver;
  const std::int64_t tiles = (n + tile - 1) / tile; // along one side
  const std::int64_t tasks = tiles * (tiles + 1) / 2;
  const double side = static_cast<double>(n);
  const double cost = 0.5 * side * side * static_cast<double>(depth);
  parallel_for(tasks, grain_for(cost, tasks), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t task = begin; task < end; ++task) {
      // Task (i, j), j <= i, is number i (i + 1) / 2 + j.
      auto i = static_cast<std::int64_t>((std::sqrt(8.0 * static_cast<double>(task) + 1.0) - 1.0) / 2.0);
      while ((i + 1) * (i + 2) / 2 <= task)
        ++i;
      while (i * (i + 1) / 2 > task)
        --i;
      const std::int64_t j = task - i * (i + 1) / 2;
      const std::int64_t row = i * tile;
      const std::int64_t column = j * tile;
      kernel.multiply_add(depth, alpha, a, row, std::min(row + tile, n), a, column,
                          std::min(column + tile, n), c.data, c.row_stride, i == j);
    }
  });
}

template void pack_all<float>(const Kernels<float>&, const ConstMatrix<float>&, float*);
template void pack_all<double>(const Kernels<double>&, const ConstMatrix<double>&, double*);
template void multiply_lower<float>(const Kernels<float>&, std::int64_t, float, const float*, std::int64_t,
                                    const Matrix<float>&);
template void multiply_lower<double>(const Kernels<double>&, std::int64_t, double, const double*,
                                     std::int64_t, const Matrix<double>&);

} // namespace spade::linalg
