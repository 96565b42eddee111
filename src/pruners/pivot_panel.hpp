// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// What row_elimination.hpp and forward_selection.hpp have in common: one row's vectors, and the step from one
// pivot to the next.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "linalg/kernels.hpp"
#include "linalg/workspace.hpp"

namespace spade::pruners {

/// Vectors v that a matrix has yet to lose, packed in slivers, and y, d and what is left beside them.
template <class T> struct PivotPanel {
  linalg::Workspace<T> v; ///< V: a sliver has room for as many vectors as `step` is told
  linalg::Workspace<T> y;
  linalg::Workspace<T> d;
  linalg::Workspace<T> alive;  ///< 1, or 0 for what is out
  linalg::Workspace<T> column; ///< the pivot's, before a step; v after it
  std::vector<T> coefficients; ///< the pivot's row of V

  /// @param rows of every vector, whole slivers @param vectors that the panel has room for
  PivotPanel(std::int64_t rows, std::int64_t vectors)
      : v(rows * vectors), y(rows), d(rows), alive(rows), column(rows),
        coefficients(static_cast<std::size_t>(vectors)) {}

  /// The kernel's argument for a pivot whose column is loaded; its row of V is loaded here. The caller may
  /// overwrite the pivot's own y and d before the step runs.
  /// @param rows  whole slivers @param depth vectors in the panel @param capacity of one sliver
  /// @param sign  1 where the smallest y^2 / d comes next, -1 where the largest does
  [[nodiscard]] linalg::EliminationStep<T> step(const linalg::Kernels<T>& kernel, std::int64_t pivot,
                                                std::int64_t rows, std::int64_t depth, std::int64_t capacity,
                                                T smallest, T sign) {
    const std::int64_t sliver = kernel.sliver;
    const T* row = v.data() + pivot / sliver * sliver * capacity + pivot % sliver;
    for (std::int64_t p = 0; p < depth; ++p)
      coefficients[static_cast<std::size_t>(p)] = row[p * sliver];
    const T root = static_cast<T>(std::sqrt(static_cast<double>(d.data()[pivot])));
    return {.slivers = rows / sliver,
            .depth = depth,
            .capacity = capacity,
            .panel = v.data(),
            .coefficients = coefficients.data(),
            .column = column.data(),
            .alive = alive.data(),
            .y = y.data(),
            .d = d.data(),
            .reciprocal = T{1} / root,
            .change = y.data()[pivot] / root,
            .smallest = smallest,
            .sign = sign};
  }
};

} // namespace spade::pruners
