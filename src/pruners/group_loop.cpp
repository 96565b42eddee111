// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "pruners/group_loop.hpp"

#include <algorithm>

#include <spade/core/parallel.hpp>

namespace spade::pruners {

void for_groups(const Extents& extents, std::int64_t grain, double doubles,
                const std::function<void(std::int64_t g)>& each) {
  const auto work = [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t g = begin; g < end; ++g)
      each(g);
  };
  const std::int64_t threads = thread_count();
  const auto columns = static_cast<double>(extents.columns);
  const double room = 4 * columns * columns + 0.5 * static_cast<double>(extents.size()) -
                      static_cast<double>(extents.groups) * columns +
                      static_cast<double>(threads) * columns * (0.5 * columns + 64) + 8192;
  const auto most = static_cast<std::int64_t>(std::min(room / doubles, static_cast<double>(threads)));
  if (most <= 1) {
    work(0, extents.groups);
  } else if (most == threads) {
    parallel_for(extents.groups, grain, work);
  } else {
    parallel_for(extents.groups, std::max(grain, (extents.groups + most - 1) / most), work);
  }
}

void for_groups_of_few_rows(const Extents& extents, const std::function<void(std::int64_t g)>& each) {
  const auto columns = static_cast<double>(extents.columns);
  // The factor, its inverse and a packed copy; later the inverse, and what eliminates with it.
  const double doubles = columns * (3 * columns + 64);
  const std::int64_t grain = extents.rows >= 8 ? extents.groups : extents.columns < 64 ? 16 : 1;
  for_groups(extents, grain, doubles, each);
}

} // namespace spade::pruners
