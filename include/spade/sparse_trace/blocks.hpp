// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <optional>

#include <spade/core/rng.hpp>
#include <spade/sparse_trace/job.hpp>
#include <spade/trace/checks.hpp>
#include <spade/trace/stopwatch.hpp>

namespace spade::trace {

/// Hands out the copies of one pass in blocks of Job::copies_at_once, in order, to any number of threads.
///
/// The augmenter and the report of progress are called by one thread at a time.
template <class G, class S, class P, class A> class Blocks {
public:
  struct Block {
    std::int64_t index;
    std::int64_t count;
    typename G::Tensor copies;
  };

  explicit Blocks(Job<G, S, P, A>& job) : job_(job), rng_(job.augmentation.seed) {}

  /// The next block; nothing at the end. @throws Interrupted, and what the augmenter throws
  [[nodiscard]] std::optional<Block> next() {
    const std::scoped_lock lock(mutex_);
    const std::int64_t count = std::min(job_.copies_at_once, job_.augmentation.count - drawn_);
    if (count <= 0) return std::nullopt;
    job_.report("gathering statistics");
    auto copies =
        timed(augment_seconds_, [&] { return job_.augmentation.augmenter(job_.sample, count, rng_); });
    check_copies(G::view(copies), count, G::view(job_.sample.input()), job_.how.augmenter);
    drawn_ += count;
    return Block{index_++, count, std::move(copies)};
  }

  /// The block has been through the network.
  void finished(const Block& block) {
    const std::scoped_lock lock(mutex_);
    job_.work_done += block.count;
  }

  [[nodiscard]] double augment_seconds() const { return augment_seconds_; }

private:
  Job<G, S, P, A>& job_;
  Rng rng_;
  std::mutex mutex_;
  std::int64_t drawn_ = 0;
  std::int64_t index_ = 0;
  double augment_seconds_ = 0;
};

} // namespace spade::trace
