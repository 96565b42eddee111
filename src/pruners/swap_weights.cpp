// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "pruners/swap_weights.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include <spade/core/error.hpp>
#include <spade/core/parallel.hpp>

#include "linalg/damped_factor.hpp"
#include "pruners/row_strip.hpp"
#include "pruners/row_swaps.hpp"

namespace spade::pruners {
namespace {

// Writes down that all but these go first.
void keep_last(const std::vector<std::int32_t>& kept, std::int64_t n, std::int32_t* order) {
  std::vector<bool> stays(static_cast<std::size_t>(n));
  for (const auto v : kept)
    stays[static_cast<std::size_t>(v)] = true;
  for (std::int64_t v = 0; v < n; ++v) {
    if (!stays[static_cast<std::size_t>(v)]) *order++ = static_cast<std::int32_t>(v);
  }
  std::copy(kept.begin(), kept.end(), order);
}

// Whether swaps hold no more memory than an elimination in float, C^2 + 128 C.
bool few_enough(std::int64_t kept, std::int64_t n) {
  return kept * (n + 2 * kept) <= n * (n / 2 + 64);
}

void swap_group(Elimination::State& state, std::int64_t g, const std::int64_t* removed) {
  const auto& group = state.groups[static_cast<std::size_t>(g)];
  const std::int64_t n = group.variables();
  if (n == 0) return;
  std::vector<std::int64_t> some;
  for (std::int64_t r = 0; r < state.extents.rows; ++r) {
    if (few_enough(n - removed[r], n)) some.push_back(r);
  }
  const auto context =
      message(state.pruner, ": the Gram matrix of layer '", state.problem.name, "', group ", g);
  const auto h = linalg::damped_matrix(state.problem.gram[g], group.live, group.damping, group.scale);
  RowStrip rows(state.problem.weight[g], some, group.live, h.data());
  while (rows.next()) {
    parallel_for(rows.count(), 1, [&](std::int64_t begin, std::int64_t end) {
      RowSwaps swaps(h.data(), n);
      for (std::int64_t r = begin; r < end; ++r) {
        const std::int64_t row = rows.row(r);
        std::int32_t* const order = state.order.data() + group.offset + static_cast<std::size_t>(row * n);
        std::vector<std::int32_t> kept(order + removed[row], order + n);
        const double output = std::inner_product(rows.weights(r), rows.weights(r) + n, rows.moments(r), 0.0);
        if (swaps.improve(rows.moments(r), output, kept, context) > 0) keep_last(kept, n, order);
      }
    });
  }
}

} // namespace

void swap_weights(Elimination::State& state, double sparsity) {
  const std::int64_t count = asked_count(state, sparsity) - dead_count(state);
  if (count < 0) return; // dead columns suffice
  const auto removed = removals_by_row(state, count);
  for (std::int64_t g = 0; g < state.extents.groups; ++g)
    swap_group(state, g, removed.data() + g * state.extents.rows);
}

} // namespace spade::pruners
