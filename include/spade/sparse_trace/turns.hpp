// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>
#include <vector>

#include <spade/core/parallel.hpp>

namespace spade::trace {

/// Makes threads that carry blocks of copies through the same layers add to each sum in the order of the
/// blocks, so that it does not depend on which thread was faster.
///
/// Whoever waits lends its processor to those whose turn it is: add() runs in a HelpedRegion.
///
/// Whoever takes blocks in order never waits for a block that nobody has taken, so there is no deadlock.
class Turns {
public:
  explicit Turns(std::size_t sums) : next_(sums, 0) {}

  /// Waits until `turn` is the sum's next, runs add(), and lets turn + 1 go on. @throws Abandoned
  template <class Add> void in_turn(std::size_t sum, std::int64_t turn, const Add& add) {
    {
      std::unique_lock lock(mutex_);
      const auto ready = [&] { return failure_ || next_[sum] == turn; };
      if (!ready()) {
        const IdleProcessor idle;
        changed_.wait(lock, ready);
      }
      if (failure_) throw Abandoned{};
    }
    {
      const HelpedRegion helped;
      add();
    }
    const std::scoped_lock lock(mutex_);
    next_[sum] = turn + 1;
    changed_.notify_all();
  }

  /// Runs work(); the first exception that leaves it on any thread is kept, and ends the others' waits.
  template <class Work> void guard(const Work& work) noexcept {
    try {
      work();
    } catch (...) {
      const std::scoped_lock lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
      changed_.notify_all();
    }
  }

  [[nodiscard]] bool abandoned() const {
    const std::scoped_lock lock(mutex_);
    return failure_ != nullptr;
  }

  /// Throws what `guard` has kept, once all threads have ended.
  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

private:
  struct Abandoned {};

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::int64_t> next_; ///< by sum
  std::exception_ptr failure_;
};

} // namespace spade::trace
