// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// How many weights each mask block of each group gives up.
#pragma once

#include <cstdint>
#include <vector>

#include <spade/core/tensor_view.hpp>
#include <spade/pruners/pattern.hpp>

#include "linalg/live_columns.hpp"
#include "pruners/problem_check.hpp"
#include "pruners/sweep.hpp"

namespace spade::pruners {

struct GroupPlan {
  linalg::LiveColumns live;
  std::vector<MaskBlock> blocks; ///< over the live columns
};

struct MaskPlan {
  std::vector<GroupPlan> groups;
  /// Weights of dead columns that go, as indices into [G, R, C]; where `all_dead` is set, all of them do.
  std::vector<std::int64_t> dead;
  bool all_dead = true;
  bool dead_suffice = false; ///< nothing else goes
};

/// The `count` weights of dead columns that are smallest, the first of equals first, as indices into [G, R,
/// C]. @param live of each group
[[nodiscard]] std::vector<std::int64_t> smallest_dead(const LayerProblem& problem, const Extents& extents,
                                                      const std::vector<const linalg::LiveColumns*>& live,
                                                      std::int64_t count);

/// Exactly round(sparsity G R C) in total. Dead columns go first; where there are more of their weights than
/// asked for, the smallest go, and nothing else does.
[[nodiscard]] MaskPlan plan_exact(const LayerProblem& problem, const Extents& extents, double sparsity,
                                  std::int64_t mask_block);

/// The pattern's zeros in each of its stretches of each row. Dead columns go first, the smallest of their
/// weights before the others where there are more than that.
[[nodiscard]] MaskPlan plan_pattern(const LayerProblem& problem, const Extents& extents,
                                    const Pattern& pattern);

/// floor(n sparsity) + 1 of the n weights of every block, and their equals; no column is dead.
[[nodiscard]] MaskPlan plan_reference(const LayerProblem& problem, const Extents& extents, double sparsity,
                                      std::int64_t mask_block);

} // namespace spade::pruners
