// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/core/nearest_names.hpp>

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace spade {
namespace {

/// Wagner and Fischer's table, one row at a time; the row of a `*` passes over the name for free.
std::size_t distance(std::string_view pattern, std::string_view name) {
  std::vector<std::size_t> row(name.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (const char symbol : pattern) {
    const bool any_run = symbol == '*';
    std::size_t diagonal = row[0];
    if (!any_run) ++row[0];
    for (std::size_t i = 1; i < row.size(); ++i) {
      const std::size_t above = row[i];
      row[i] = any_run ? std::min(above, row[i - 1])
                       : std::min({above + 1, row[i - 1] + 1, diagonal + (symbol == name[i - 1] ? 0U : 1U)});
      diagonal = above;
    }
  }
  return row.back();
}

} // namespace

std::string nearest_names(std::string_view name, std::span<const std::string> candidates, std::size_t limit) {
  std::vector<std::pair<std::size_t, std::size_t>> order; // distance, index
  for (std::size_t i = 0; i < candidates.size(); ++i)
    order.emplace_back(distance(name, candidates[i]), i);
  std::ranges::sort(order);
  std::string text;
  for (std::size_t i = 0; i < std::min(limit, order.size()); ++i) {
    text += (i ? ", '" : "'") + candidates[order[i].second] + "'";
  }
  return text;
}

} // namespace spade
