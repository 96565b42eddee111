// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// How many weights each mask block of a layer gives up. A group is planned when it is pruned: the plans of
// many small groups at once would take more memory than their weights.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include <spade/core/tensor_view.hpp>
#include <spade/pruners/pattern.hpp>

#include "linalg/live_columns.hpp"
#include "pruners/dead_weights.hpp"
#include "pruners/problem_check.hpp"
#include "pruners/sweep.hpp"

namespace spade::pruners {

struct GroupPlan {
  linalg::LiveColumns live;
  std::vector<MaskBlock> blocks; ///< over the live columns
  std::vector<DeadColumns> dead;
};

struct MaskPlan {
  /// Makes group g's part, on any thread, while the problem lives.
  std::function<GroupPlan(std::int64_t g)> group;
  /// Where set, so many weights of dead columns go, and no group has a part.
  std::optional<std::int64_t> only_dead;
};

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
