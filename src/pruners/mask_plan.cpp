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

std::vector<std::int64_t> smallest_dead(const LayerProblem& problem, const Extents& extents,
                                        const std::vector<const linalg::LiveColumns*>& groups,
                                        std::int64_t count) {
  const auto weights = problem.weight.to_vector<double>();
  std::vector<std::int64_t> dead;
  for (std::int64_t g = 0; g < extents.groups; ++g) {
    std::vector<bool> live(static_cast<std::size_t>(extents.columns));
    for (const auto c : groups[static_cast<std::size_t>(g)]->index)
      live[static_cast<std::size_t>(c)] = true;
    for (std::int64_t r = 0; r < extents.rows; ++r) {
      for (std::int64_t c = 0; c < extents.columns; ++c) {
        if (!live[static_cast<std::size_t>(c)]) dead.push_back((g * extents.rows + r) * extents.columns + c);
      }
    }
  }
  const auto before = [&](std::int64_t a, std::int64_t b) {
    const double x = std::abs(weights[static_cast<std::size_t>(a)]);
    const double y = std::abs(weights[static_cast<std::size_t>(b)]);
    return x != y ? x < y : a < b;
  };
  std::nth_element(dead.begin(), dead.begin() + count, dead.end(), before);
  dead.resize(static_cast<std::size_t>(count));
  return dead;
}

MaskPlan plan_exact(const LayerProblem& problem, const Extents& extents, double sparsity,
                    std::int64_t mask_block) {
  MaskPlan plan;
  std::int64_t live = 0;
  for (std::int64_t g = 0; g < extents.groups; ++g) {
    plan.groups.push_back({linalg::live_columns(problem.gram[g]), {}});
    live += extents.rows * static_cast<std::int64_t>(plan.groups.back().live.index.size());
  }
  const std::int64_t asked = exact_count(sparsity, extents.size());
  const std::int64_t dead = extents.size() - live;
  plan.all_dead = dead <= asked;
  if (!plan.all_dead) {
    plan.dead_suffice = true;
    std::vector<const linalg::LiveColumns*> columns;
    for (const auto& group : plan.groups)
      columns.push_back(&group.live);
    plan.dead = smallest_dead(problem, extents, columns, asked);
  }
  const std::int64_t budget = std::max<std::int64_t>(0, asked - dead);
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
  }
  return plan;
}

namespace {

// Adds the `count` smallest weights of the dead columns of one stretch, row by row.
void add_smallest(const TensorView& weight, const std::vector<std::int64_t>& columns, std::int64_t count,
                  std::int64_t first_index, std::vector<std::int64_t>& dead) {
  for (std::int64_t r = 0; r < weight.extent(0); ++r) {
    const auto row = weight[r].to_vector<double>();
    auto order = columns;
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) {
      return std::abs(row[static_cast<std::size_t>(a)]) < std::abs(row[static_cast<std::size_t>(b)]);
    });
    for (std::int64_t i = 0; i < count; ++i)
      dead.push_back(first_index + r * weight.extent(1) + order[static_cast<std::size_t>(i)]);
  }
}

} // namespace

MaskPlan plan_pattern(const LayerProblem& problem, const Extents& extents, const Pattern& pattern) {
  MaskPlan plan;
  plan.all_dead = false;
  const auto ordered = columns_in_order(pattern.order, extents.columns, problem.columns_per_channel);
  for (std::int64_t g = 0; g < extents.groups; ++g) {
    GroupPlan group{linalg::live_columns(problem.gram[g]), {}};
    std::vector<bool> live(static_cast<std::size_t>(extents.columns));
    for (const auto c : group.live.index)
      live[static_cast<std::size_t>(c)] = true;
    group.live.index.clear();
    for (auto first = ordered.begin(); first != ordered.end(); first += pattern.of) {
      std::vector<std::int64_t> dead;
      const auto begin = static_cast<std::int64_t>(group.live.index.size());
      std::for_each(first, first + pattern.of, [&](std::int64_t c) {
        (live[static_cast<std::size_t>(c)] ? group.live.index : dead).push_back(c);
      });
      const auto end = static_cast<std::int64_t>(group.live.index.size());
      const auto gone = std::min(pattern.zeros, static_cast<std::int64_t>(dead.size()));
      add_smallest(problem.weight[g], dead, gone, g * extents.rows * extents.columns, plan.dead);
      if (begin < end) group.blocks.push_back({begin, end, pattern.zeros - gone, MaskBlock::Rule::InEachRow});
    }
    plan.groups.push_back(std::move(group));
  }
  return plan;
}

MaskPlan plan_reference(const LayerProblem& problem, const Extents& extents, double sparsity,
                        std::int64_t mask_block) {
  MaskPlan plan;
  for (std::int64_t g = 0; g < extents.groups; ++g) {
    plan.groups.push_back({linalg::reference_columns(problem.gram[g]), {}});
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
