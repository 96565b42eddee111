// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "linalg/kernels.hpp"
#include "pruners/pivot_panel.hpp"
#include "pruners/row_elimination.hpp"

namespace spade::pruners {

/// Orthogonal least squares on one row: variables come in one by one, always the one that explains most of
/// what the ones before leave over.
///
/// With y = H w at first and d = diag(H), taking variable p in explains y_p^2 / (2 d_p), and
///   v = (H(:, p) - V V(p, :)^T) / sqrt(d_p);  y -= (y_p / sqrt(d_p)) v;  d -= v^2,
/// with all v so far in V: the recurrences of row_elimination.hpp with H for its inverse, and the largest for
/// the smallest. (Chen, Billings and Luo 1989, "Orthogonal least squares methods and their application to
/// non-linear system identification".) 2 C k^2 / 2 multiply-adds for k variables; memory C k elements.
template <class T> class ForwardSelection {
public:
  /// @param variables C @param most the largest k of any row
  ForwardSelection(std::int64_t variables, std::int64_t most);

  /// The `count` variables that come in first, in that order. @param moments H w, [variables]
  [[nodiscard]] const std::vector<std::int32_t>& run(const SharedMatrix<T>& matrix, const T* moments,
                                                     std::int64_t count);

private:
  void take(std::int64_t variable);

  const linalg::Kernels<T>& kernel_;
  std::int64_t variables_;
  std::int64_t padded_;
  PivotPanel<T> panel_;
  std::vector<std::int32_t> chosen_;
};

extern template class ForwardSelection<float>;
extern template class ForwardSelection<double>;

} // namespace spade::pruners
