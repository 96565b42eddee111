// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include <spade/core/tensor_view.hpp>

namespace spade::linalg {

/// A column whose diagonal element is not over this fraction of the largest is dead: it sees nothing.
inline constexpr double dead_fraction = 1e-12;

/// The columns of one group's Gram matrix that the weights can matter for.
struct LiveColumns {
  std::vector<std::int64_t> index; ///< ascending, or in the order that a pattern wants
  std::vector<std::int64_t>
      zeroed;      ///< positions in `index` of columns that count as live although they are dead
  double mean = 0; ///< of their diagonal elements
  double largest = 0;
  double zero_stands_for = 1; ///< what a diagonal element of 0 counts as

  /// Whether `index` is 0, 1, 2, ...: columns lie as they are stored.
  [[nodiscard]] bool consecutive() const;
};

/// Those that are not dead.
[[nodiscard]] LiveColumns live_columns(const TensorView& gram);

/// The others, ascending. @param columns of the Gram matrix
[[nodiscard]] std::vector<std::int64_t> dead_columns(const LiveColumns& live, std::int64_t columns);

/// All columns, an element of 0 counting as 1: the published rule.
[[nodiscard]] LiveColumns reference_columns(const TensorView& gram);

/// All columns, an element of 0 counting as the mean of the others; for patterns, which need all.
[[nodiscard]] LiveColumns all_columns(const TensorView& gram);

} // namespace spade::linalg
