// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "pruners/eliminate_rows.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include <spade/core/parallel.hpp>

#include "pruners/block_scores.hpp"
#include "pruners/removal_order.hpp"
#include "pruners/row_elimination.hpp"

namespace spade::pruners {
namespace {

template <class T>
void eliminate(Elimination::State& state, std::int64_t g, std::span<const std::int64_t> rows,
               const std::string& context) {
  const auto& group = state.groups[static_cast<std::size_t>(g)];
  const std::int64_t n = group.variables();
  const auto shared = strided_copy<T>(*group.inverse, n);
  const double largest =
      std::max(group.live.largest, group.live.zeroed.empty() ? 0.0 : group.live.zero_stands_for);
  const double bound = group.scale * (largest + group.damping * group.live.mean);
  const SharedMatrix<T> inverse{shared.data(), n, row_elimination_stride(n), static_cast<T>(1.0 / bound)};
  const std::int64_t width = state.block();
  const TensorView weight = state.problem.weight[g];
  parallel_for(static_cast<std::int64_t>(rows.size()), 1, [&](std::int64_t begin, std::int64_t end) {
    RowElimination<T> row(n, width);
    std::optional<BlockScores<T>> scores;
    if (width > 1) scores.emplace(n / width, width);
    std::vector<T> weights(static_cast<std::size_t>(n));
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t r = rows[static_cast<std::size_t>(i)];
      const int exponent = load_row(weight[r], group.live, weights.data());
      const std::size_t offset = group.offset + static_cast<std::size_t>(r * group.steps);
      const RowRecord record{state.order.data() + offset, state.losses.data() + offset, group.steps,
                             std::ldexp(0.5 / group.scale, 2 * exponent)};
      row.start(inverse, weights.data());
      if (width > 1) {
        scores->start(inverse);
        remove_blocks(row, *scores, width, record, context);
      } else {
        remove_one_by_one(row, state.options.pattern, record, context);
      }
    }
  });
}

} // namespace

void eliminate_rows(Elimination::State& state, std::int64_t group, std::span<const std::int64_t> rows,
                    const std::string& context) {
  if (state.in_double()) {
    eliminate<double>(state, group, rows, context);
  } else {
    eliminate<float>(state, group, rows, context);
  }
  // Those of many groups would be too much to hold.
  if (state.extents.groups > 1) state.groups[static_cast<std::size_t>(group)].inverse.reset();
}

} // namespace spade::pruners
