// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "pruners/mask_plan.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "pruners/pattern_columns.hpp"

namespace spade::pruners {
namespace {

// All blocks, which are ranges of live columns that lie in the same stretch of `width` columns.
GroupPlan in_blocks(linalg::LiveColumns live, std::int64_t width) {
  GroupPlan group{std::move(live), {}, {}};
  const auto& index = group.live.index;
  const auto count = static_cast<std::int64_t>(index.size());
  for (std::int64_t begin = 0; begin < count;) {
    std::int64_t end = begin + 1;
    while (end < count &&
           index[static_cast<std::size_t>(end)] / width == index[static_cast<std::size_t>(begin)] / width)
      ++end;
    group.blocks.push_back({begin, end, 0, MaskBlock::Rule::Exact});
    begin = end;
  }
  return group;
}

} // namespace

MaskPlan plan_exact(const LayerProblem& problem, const Extents& extents, double sparsity,
                    std::int64_t mask_block) {
  MaskPlan plan;
  std::vector<std::int64_t> before; // live weights of the groups before each
  before.reserve(static_cast<std::size_t>(extents.groups));
  std::int64_t live = 0;
  for (std::int64_t g = 0; g < extents.groups; ++g) {
    before.push_back(live);
    live += extents.rows * static_cast<std::int64_t>(linalg::live_columns(problem.gram[g]).index.size());
  }
  const std::int64_t asked = exact_count(sparsity, extents.size());
  const std::int64_t budget = asked - (extents.size() - live);
  if (budget < 0) {
    plan.only_dead = asked;
    return plan;
  }
  plan.group = [&problem, extents, mask_block, before = std::move(before), live, budget](std::int64_t g) {
    auto group = in_blocks(linalg::live_columns(problem.gram[g]), mask_block);
    // Rounding the running total leaves every block within one weight of its share, and the sum exact.
    const auto due = [&](std::int64_t seen) {
      return std::llround(static_cast<double>(budget) *
                          (static_cast<double>(seen) / static_cast<double>(live)));
    };
    std::int64_t seen = before[static_cast<std::size_t>(g)];
    for (auto& block : group.blocks) {
      const std::int64_t given = due(seen);
      seen += extents.rows * (block.end - block.begin);
      block.removed = due(seen) - given;
    }
    auto dead = linalg::dead_columns(group.live, extents.columns);
    const auto all = static_cast<std::int64_t>(dead.size());
    if (all > 0) group.dead.push_back({std::move(dead), all});
    return group;
  };
  return plan;
}

MaskPlan plan_pattern(const LayerProblem& problem, const Extents& extents, const Pattern& pattern) {
  MaskPlan plan;
  plan.group = [&problem, pattern,
                ordered = columns_in_order(pattern.order, extents.columns, problem.columns_per_channel)](
                   std::int64_t g) {
    GroupPlan group{linalg::live_columns(problem.gram[g]), {}, {}};
    std::vector<bool> live(ordered.size());
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
    return group;
  };
  return plan;
}

MaskPlan plan_reference(const LayerProblem& problem, const Extents& extents, double sparsity,
                        std::int64_t mask_block) {
  MaskPlan plan;
  plan.group = [&problem, rows = extents.rows, sparsity, mask_block](std::int64_t g) {
    auto group = in_blocks(linalg::reference_columns(problem.gram[g]), mask_block);
    for (auto& block : group.blocks) {
      const std::int64_t weights = rows * (block.end - block.begin);
      const auto rank = static_cast<std::int64_t>(static_cast<double>(weights) * sparsity);
      block.removed = std::min(rank + 1, weights);
      block.rule = MaskBlock::Rule::WithTies;
    }
    return group;
  };
  return plan;
}

} // namespace spade::pruners
