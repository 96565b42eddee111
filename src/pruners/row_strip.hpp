// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <spade/core/tensor_view.hpp>

#include "linalg/live_columns.hpp"
#include "linalg/workspace.hpp"

namespace spade::pruners {

/// Walks some rows of one group, and takes the products W H of some of these at a time, which cost less
/// together: half as many rows as columns (32 to 128), so that they need no more memory than H.
class RowStrip {
public:
  /// @param weight [rows, columns] @param rows of it, which are walked
  /// @param matrix H over the live columns [n, n], in double; all three must stay
  RowStrip(TensorView weight, std::span<const std::int64_t> rows, const linalg::LiveColumns& live,
           const double* matrix);

  /// Goes on to the next rows. @returns false where there are none
  bool next();

  [[nodiscard]] std::int64_t count() const { return count_; } ///< rows at hand
  /// Which row of the group number r of those at hand is.
  [[nodiscard]] std::int64_t row(std::int64_t r) const { return rows_[static_cast<std::size_t>(first_ + r)]; }
  /// That row, divided by 2^exponent(r), which brings it near 1: [n].
  [[nodiscard]] const double* weights(std::int64_t r) const { return weights_.data() + r * n_; }
  [[nodiscard]] int exponent(std::int64_t r) const { return exponents_[static_cast<std::size_t>(r)]; }
  /// H times that row: [n].
  [[nodiscard]] const double* moments(std::int64_t r) const { return moments_.data() + r * n_; }

private:
  TensorView weight_;
  std::span<const std::int64_t> rows_;
  const linalg::LiveColumns& live_;
  const double* matrix_;
  std::int64_t n_;
  std::int64_t most_; ///< rows at a time
  std::int64_t first_ = 0;
  std::int64_t count_ = 0;
  linalg::Workspace<double> weights_;
  linalg::Workspace<double> moments_;
  std::vector<int> exponents_;
};

} // namespace spade::pruners
