// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Weights of dead columns, which cost nothing: where not all of them go, the smallest do.
#pragma once

#include <cstdint>
#include <vector>

#include <spade/pruner.hpp>

namespace spade::pruners {

/// Dead columns of one group that give up the same number of weights in each row, the first of equals first.
struct DeadColumns {
  std::vector<std::int64_t> index;
  std::int64_t removed = 0; ///< in each row
};

/// Makes these weights zero. @param weights [rows, columns], row-major
template <class T>
void remove_dead(const DeadColumns& dead, std::int64_t rows, std::int64_t columns, T* weights);

/// The layer without the `count` smallest weights of its dead columns, the first of equals first; its error
/// is zero. @param count no more than these columns have
template <class T>
[[nodiscard]] LayerSolution without_smallest_dead(const LayerProblem& problem, std::int64_t count);

} // namespace spade::pruners
