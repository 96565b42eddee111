// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Runs the elimination of one row to its end, and writes down in which order variables go and at what cost.
#pragma once

#include <cstdint>
#include <string>

#include <spade/core/error.hpp>
#include <spade/core/tensor_view.hpp>
#include <spade/pruners/pattern.hpp>

#include "linalg/damped_factor.hpp"
#include "linalg/live_columns.hpp"
#include "pruners/block_scores.hpp"
#include "pruners/row_elimination.hpp"

namespace spade::pruners {

/// Where one row's removals are written. Losses are costs times `unit`.
struct RowRecord {
  std::int32_t* order;
  double* losses;
  std::int64_t steps;
  double unit;
};

/// Rounding has made all costs of a step infinite or NaN. More damping helps.
class EliminationOverflow : public NumericalError {
public:
  using NumericalError::NumericalError;
};

/// Runs, and where that overflows raises the damping and runs again, as often as a factor's damping is raised.
template <class Run, class Raise> void with_raised_damping(const Run& run, const Raise& raise) {
  for (int raises = 0;; ++raises) {
    try {
      run();
      return;
    } catch (const EliminationOverflow&) {
      if (raises == linalg::most_raises) throw;
    }
    raise();
  }
}

/// The weights of one row in the order of the variables, divided by a power of two that brings them near 1.
/// @returns its exponent
template <class T> int load_row(const TensorView& weight, const linalg::LiveColumns& live, T* out);

/// One weight after the other. Of each `of` variables, `zeros` may go; then the others leave the competition.
/// @throws EliminationOverflow where no cost is finite
template <class T>
void remove_one_by_one(RowElimination<T>& row, const Pattern& pattern, const RowRecord& record,
                       const std::string& context);

/// One block of `width` variables after the other. @throws EliminationOverflow where no cost is finite
template <class T>
void remove_blocks(RowElimination<T>& row, BlockScores<T>& scores, std::int64_t width,
                   const RowRecord& record, const std::string& context);

} // namespace spade::pruners
