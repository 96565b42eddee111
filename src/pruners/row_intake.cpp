// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "pruners/row_intake.hpp"

#include <algorithm>

namespace spade::pruners {
namespace {

// Rows that keep few weights on average need room for those that keep more.
constexpr std::int64_t least_spare = 8;

// What a row keeps if all rows keep as many, or all variables that they have.
std::int64_t equal_share(const Elimination::State& state, std::int64_t kept) {
  std::int64_t share = 0;
  std::int64_t sum = 0;
  while (sum < kept) {
    ++share;
    sum = 0;
    for (const auto& group : state.groups)
      sum += state.extents.rows * std::min(share, group.variables());
  }
  return share;
}

std::int64_t first_intake(std::int64_t share, std::int64_t variables) {
  const std::int64_t most = std::max(2 * share, share + least_spare);
  // Half of them is twice a quarter, where forward selection begins; more are asked for where most are dead.
  return 2 * (most - least_spare) > variables ? variables : std::min(most, variables);
}

std::int64_t raised_intake(std::int64_t kept, std::int64_t variables) {
  return 6 * kept > variables ? variables : 2 * kept;
}

} // namespace

RowIntake::RowIntake(const Elimination::State& state, std::int64_t count)
    : rows_(state.extents.rows), count_(count) {
  const std::int64_t share = equal_share(state, static_cast<std::int64_t>(state.losses.size()) - count);
  for (const auto& group : state.groups) {
    const std::int64_t n = group.variables();
    intake_.insert(intake_.end(), static_cast<std::size_t>(rows_), first_intake(share, n));
    due_.push_back(n == 0 ? std::vector<std::int64_t>{} : all_rows(state));
  }
}

bool RowIntake::raise(const Elimination::State& state) {
  const auto removed = removals_by_row(state, count_);
  bool any = false;
  for (std::size_t g = 0; g < due_.size(); ++g) {
    const std::int64_t n = state.groups[g].variables();
    due_[g].clear();
    for (std::int64_t r = 0; r < rows_; ++r) {
      const std::size_t at = g * static_cast<std::size_t>(rows_) + static_cast<std::size_t>(r);
      const std::int64_t kept = n - removed[at];
      if (intake_[at] == n || 3 * kept <= 2 * intake_[at]) continue;
      intake_[at] = raised_intake(kept, n);
      due_[g].push_back(r);
    }
    any = any || !due_[g].empty();
  }
  return any;
}

} // namespace spade::pruners
