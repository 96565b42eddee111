// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "pruners/mask_plan.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "pruners/pattern_columns.hpp"

namespace spade::pruners {
namespace {

// Ranges of live columns that lie in the same stretch of `width` columns.
std::vector<MaskBlock> blocks_of(const std::vector<std::int64_t>& live, std::int64_t width) {
  std::vector<MaskBlock> blocks;
  const auto count = static_cast<std::int64_t>(live.size());
  for (std::int64_t begin = 0; begin < count;) {
    std::int64_t end = begin + 1;
    while (end < count &&
           live[static_cast<std::size_t>(end)] / width == live[static_cast<std::size_t>(begin)] / width)
      ++end;
    blocks.push_back({begin, end, 0, MaskBlock::Rule::Exact});
    begin = end;
  }
  return blocks;
}

} // namespace

MaskPlan plan_exact(const LayerProblem& problem, const Extents& extents, double sparsity,
                    std::int64_t mask_block) {
  MaskPlan plan;
  std::int64_t live = 0;
  for (std::int64_t g = 0; g < extents.groups; ++g) {
    plan.groups.push_back({linalg::live_columns(problem.gram[g]), {}, {}});
    live += extents.rows * static_cast<std::int64_t>(plan.groups.back().live.index.size());
  }
  const std::int64_t asked = exact_count(sparsity, extents.size());
  const std::int64_t budget = asked - (extents.size() - live);
  if (budget < 0) return {{}, asked};
  std::int64_t seen = 0;
  std::int64_t given = 0;
  for (auto& group : plan.groups) {
    group.blocks = blocks_of(group.live.index, mask_block);
    for (auto& block : group.blocks) {
      // Rounding the running total leaves every block within one weight of its share, and the sum exact.
      seen += extents.rows * (block.end - block.begin);
      const std::int64_t due =
          std::llround(static_cast<double>(budget) * (static_cast<double>(seen) / static_cast<double>(live)));
      block.removed = due - given;
      given = due;
    }
    auto dead = linalg::dead_columns(group.live, extents.columns);
    const auto all = static_cast<std::int64_t>(dead.size());
    if (all > 0) group.dead.push_back({std::move(dead), all});
  }
  return plan;
}

MaskPlan plan_pattern(const LayerProblem& problem, const Extents& extents, const Pattern& pattern) {
  MaskPlan plan;
  const auto ordered = columns_in_order(pattern.order, extents.columns, problem.columns_per_channel);
  for (std::int64_t g = 0; g < extents.groups; ++g) {
    GroupPlan group{linalg::live_columns(problem.gram[g]), {}, {}};
    std::vector<bool> live(static_cast<std::size_t>(extents.columns));
    for (const auto c : group.live.index)
      live[static_cast<std::size_t>(c)] = true;
    group.live.index.clear();
    for (auto first = ordered.begin(); first != ordered.end(); first += pattern.of) {
      DeadColumns dead;
      const auto begin = static_cast<std::int64_t>(group.live.index.size());
      std::for_each(first, first + pattern.of, [&](std::int64_t c) {
        (live[static_cast<std::size_t>(c)] ? group.live.index : dead.index).push_back(c);
      });
      const auto end = static_cast<std::int64_t>(group.live.index.size());
      dead.removed = std::min(pattern.zeros, pattern.of - (end - begin));
      if (begin < end)
        group.blocks.push_back({begin, end, pattern.zeros - dead.removed, MaskBlock::Rule::InEachRow});
      if (dead.removed > 0) group.dead.push_back(std::move(dead));
    }
    plan.groups.push_back(std::move(group));
  }
  return plan;
}

MaskPlan plan_reference(const LayerProblem& problem, const Extents& extents, double sparsity,
                        std::int64_t mask_block) {
  MaskPlan plan;
  for (std::int64_t g = 0; g < extents.groups; ++g) {
    plan.groups.push_back({linalg::reference_columns(problem.gram[g]), {}, {}});
    auto& group = plan.groups.back();
    group.blocks = blocks_of(group.live.index, mask_block);
    for (auto& block : group.blocks) {
      const std::int64_t weights = extents.rows * (block.end - block.begin);
      const auto rank = static_cast<std::int64_t>(static_cast<double>(weights) * sparsity);
      block.removed = std::min(rank + 1, weights);
      block.rule = MaskBlock::Rule::WithTies;
    }
  }
  return plan;
}

} // namespace spade::pruners
