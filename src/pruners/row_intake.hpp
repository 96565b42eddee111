// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "pruners/elimination_state.hpp"

namespace spade::pruners {

/// How many variables forward selection takes in for each row of a layer, of which elimination then leaves
/// what the count rule wants.
///
/// At first for all rows twice the mean, max(2 k, k + 8) with the k that they would keep if all kept as many.
/// A row that is left with more than two thirds of what it took in had too little to choose from: it is due
/// again, with twice what it kept. From a third of the group's variables on it takes in all, which is
/// elimination alone, and costs less.
class RowIntake {
public:
  /// @param count removals that are asked for of the layer's live variables
  RowIntake(const Elimination::State& state, std::int64_t count);

  /// The rows of a group that are to be run, ascending.
  [[nodiscard]] const std::vector<std::int64_t>& due(std::int64_t group) const {
    return due_[static_cast<std::size_t>(group)];
  }
  /// At most the group's variables.
  [[nodiscard]] std::int64_t of(std::int64_t group, std::int64_t row) const {
    return intake_[static_cast<std::size_t>(group * rows_ + row)];
  }
  /// When all due rows have been run: which of all rows are due again. @returns whether any is
  bool raise(const Elimination::State& state);

private:
  std::int64_t rows_; ///< in a group
  std::int64_t count_;
  std::vector<std::int64_t> intake_; ///< [group][row]
  std::vector<std::vector<std::int64_t>> due_;
};

} // namespace spade::pruners
