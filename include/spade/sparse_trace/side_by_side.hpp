// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <list>
#include <mutex>

#include <spade/core/parallel.hpp>
#include <spade/sparse_trace/turns.hpp>
#include <spade/trace.hpp>
#include <spade/trace/stopwatch.hpp>
#include <spade/traceable_graph.hpp>

namespace spade::trace {

/// Blocks of copies on their way at the same time, at most: each needs memory of its own.
inline constexpr std::int64_t most_blocks_at_once = 16;

/// Seconds on the clock, and what the threads did in them: seconds of all threads together.
struct Effort {
  double clock = 0;
  double carrying = 0; ///< waits for a turn and `adding` included
  double adding = 0;   ///< to statistics

  /// Adds shares of the time on the clock. @param augmenting seconds of all threads together, beside carrying
  void share_out(Provenance& how, double augmenting) const {
    const double share = clock / (carrying + augmenting);
    how.augment_seconds += share * augmenting;
    how.statistics_seconds += share * adding;
    how.forward_seconds += share * (carrying - adding);
  }
};

/// Carries blocks of copies through a network, several side by side where the graph is a ConcurrentGraph.
///
/// @param count how many blocks there are
/// @param take  take(): the next block, in the order of `turns`; false at the end. Any thread calls it.
/// @param carry carry(*take()): brings a block on its way, and returns how many seconds of that it added to
///              statistics
/// @throws the first exception of take and carry, once all threads have ended
template <class G, class Take, class Carry>
Effort carry_side_by_side(std::int64_t count, Turns& turns, const Take& take, const Carry& carry) {
  const Stopwatch clock;
  Effort effort;
  std::mutex mutex;
  std::list<IdleProcessor> ended; // threads without a block lend their processors to those that have one
  const auto work = [&] {
    turns.guard([&] {
      while (!turns.abandoned()) {
        auto&& block = take();
        if (!block) break;
        const Stopwatch watch;
        const double adding = carry(*block);
        const std::scoped_lock lock(mutex);
        effort.carrying += watch.seconds();
        effort.adding += adding;
      }
      const std::scoped_lock lock(mutex);
      ended.emplace_back();
    });
  };
  if constexpr (ConcurrentGraph<G>) {
    G::side_by_side(std::min<std::int64_t>({thread_count(), count, most_blocks_at_once}), work);
  } else {
    work();
  }
  turns.rethrow();
  effort.clock = clock.seconds();
  return effort;
}

} // namespace spade::trace
