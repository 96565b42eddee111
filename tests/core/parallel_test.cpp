// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/core/parallel.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <list>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#if defined(__linux__)
#include <sched.h>
#endif

#include <catch2/catch.hpp>

#include <spade/core/error.hpp>

#include "support/threads.hpp"

using spade::parallel_for;
using spade::tests::Threads;

TEST_CASE("ranges cover everything exactly once", "[core][parallel]") {
  for (const int threads : {1, 2, 3, 8}) {
    const Threads scope(threads);
    CHECK(spade::thread_count() == threads);
    for (const std::int64_t count : {1, 2, 7, 64, 1009}) {
      for (const std::int64_t grain : {-1, 1, 3, 64, 5000}) {
        std::vector<int> visits(static_cast<std::size_t>(count));
        parallel_for(count, grain, [&](std::int64_t begin, std::int64_t end) {
          for (auto i = begin; i < end; ++i)
            ++visits[static_cast<std::size_t>(i)];
        });
        CHECK(visits == std::vector<int>(static_cast<std::size_t>(count), 1));
      }
    }
  }
}

TEST_CASE("ranges are at least a grain long, except the last", "[core][parallel]") {
  const Threads scope(3);
  std::atomic<bool> too_short{false};
  parallel_for(100, 9, [&](std::int64_t begin, std::int64_t end) {
    if (end - begin < 9 && end != 100) too_short = true;
  });
  CHECK_FALSE(too_short);
}

TEST_CASE("an empty or negative count calls nobody", "[core][parallel]") {
  bool called = false;
  parallel_for(0, 1, [&](std::int64_t, std::int64_t) { called = true; });
  parallel_for(-5, 1, [&](std::int64_t, std::int64_t) { called = true; });
  CHECK_FALSE(called);
}

TEST_CASE("in a serial region a call stays on its thread", "[core][parallel]") {
  const Threads scope(4);
  const auto elsewhere = [caller = std::this_thread::get_id()] {
    std::atomic<int> ranges{0};
    parallel_for(100, 1, [&](std::int64_t, std::int64_t) {
      if (std::this_thread::get_id() != caller) ++ranges;
    });
    return ranges.load();
  };
  const spade::SerialRegion outer;
  CHECK(elsewhere() == 0);
  { const spade::SerialRegion inner; }
  CHECK(elsewhere() == 0);
}

/// Threads that run ranges of a call, which wait (ten seconds at most) until so many have come. during() runs in the
/// first range.
template <class During> std::size_t threads_of_call(std::size_t wanted, const During& during) {
  std::mutex mutex;
  std::condition_variable came;
  std::set<std::thread::id> threads;
  bool first = true;
  parallel_for(64, 1, [&](std::int64_t, std::int64_t) {
    std::unique_lock lock(mutex);
    threads.insert(std::this_thread::get_id());
    came.notify_all();
    if (std::exchange(first, false)) {
      during();
    } else {
      (void)came.wait_for(lock, std::chrono::seconds(10), [&] { return threads.size() >= wanted; });
    }
  });
  return threads.size();
}

template <class During> std::size_t threads_helped(std::size_t wanted, const During& during) {
  const spade::SerialRegion region;
  const spade::HelpedRegion helped;
  return threads_of_call(wanted, during);
}

TEST_CASE("processors of threads that wait help in a helped region", "[core][parallel]") {
  const Threads scope(4);
  const auto nothing = [] {};
  {
    const spade::IdleProcessor one;
    const spade::IdleProcessor two;
    CHECK(threads_helped(3, nothing) == 3);
    CHECK(threads_helped(3, nothing) == 3);  // given back
    CHECK(threads_of_call(4, nothing) == 4); // as many as everywhere
    const spade::HelpedRegion without;
    CHECK(threads_of_call(4, nothing) == 4); // no serial region
    const spade::SerialRegion region;
    CHECK(threads_of_call(1, nothing) == 1); // a serial region within asks for no help
  }
  CHECK(threads_helped(1, nothing) == 1); // its lender has gone on
  {
    std::list<spade::IdleProcessor> many(9);
    CHECK(threads_helped(4, nothing) == 4); // no more than thread_count()
  }
  std::optional<spade::IdleProcessor> late;
  CHECK(threads_helped(2, [&] { late.emplace(); }) == 2);
  CHECK(threads_helped(2, [&] { late.reset(); }) == 2); // it came at the start
  CHECK(threads_helped(1, nothing) == 1);
}

TEST_CASE("a body that throws in a helped region gives lent processors back", "[core][parallel]") {
  const Threads scope(4);
  const spade::IdleProcessor idle;
  for (int times = 0; times < 3; ++times) {
    const spade::SerialRegion region;
    const spade::HelpedRegion helped;
    CHECK_THROWS_AS(parallel_for(64, 1, [](std::int64_t, std::int64_t) { throw std::runtime_error("no"); }),
                    std::runtime_error);
  }
  CHECK(threads_helped(2, [] {}) == 2);
}

TEST_CASE("within a body nobody helps", "[core][parallel]") {
  const Threads scope(2);
  const spade::IdleProcessor idle;
  std::atomic<int> elsewhere{0};
  parallel_for(2, 1, [&](std::int64_t, std::int64_t) {
    const spade::SerialRegion region;
    const spade::HelpedRegion helped;
    parallel_for(64, 1, [&, caller = std::this_thread::get_id()](std::int64_t, std::int64_t) {
      if (std::this_thread::get_id() != caller) ++elsewhere;
    });
  });
  CHECK(elsewhere == 0);
}

TEST_CASE("a nested call runs serially, in its caller's thread", "[core][parallel]") {
  const Threads scope(4);
  std::atomic<int> calls{0};
  std::atomic<int> inner_ranges{0};
  parallel_for(8, 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = begin; i < end; ++i) {
      parallel_for(10, 1, [&](std::int64_t inner_begin, std::int64_t inner_end) {
        ++inner_ranges;
        calls += static_cast<int>(inner_end - inner_begin);
      });
    }
  });
  CHECK(calls == 80);
  CHECK(inner_ranges == 8);
}

TEST_CASE("the first exception reaches the caller after all have ended, and the next call works",
          "[core][parallel]") {
  for (const int threads : {1, 3}) {
    const Threads scope(threads);
    std::atomic<int> running{0};
    const auto body = [&](std::int64_t begin, std::int64_t) {
      ++running;
      if (begin == 0) {
        --running;
        throw spade::NumericalError("range 0 failed");
      }
      --running;
    };
    CHECK_THROWS_WITH(parallel_for(50, 1, body), "range 0 failed");
    CHECK(running == 0);
    std::atomic<int> sum{0};
    parallel_for(10, 1, [&](std::int64_t begin, std::int64_t end) { sum += static_cast<int>(end - begin); });
    CHECK(sum == 10);
  }
}

TEST_CASE("a negative thread count is refused", "[core][parallel]") {
  CHECK_THROWS_AS(spade::set_thread_count(-2), spade::InvalidArgument);
  CHECK_THROWS_WITH(spade::set_thread_count(-2),
                    "set_thread_count: -2 is negative; 0 means as many as processors may be used");
  CHECK(spade::thread_count() >= 1);
}

#if defined(__linux__)
TEST_CASE("there are as many threads as processors that may be used", "[core][parallel]") {
  cpu_set_t all;
  REQUIRE(sched_getaffinity(0, sizeof(all), &all) == 0);
  CHECK(spade::thread_count() == CPU_COUNT(&all));
  int bound = 0;
  std::thread([&] {
    cpu_set_t one;
    CPU_ZERO(&one);
    int processor = 0;
    while (!CPU_ISSET(processor, &all))
      ++processor;
    CPU_SET(processor, &one);
    if (sched_setaffinity(0, sizeof(one), &one) == 0) bound = spade::thread_count();
  }).join();
  CHECK(bound == 1);
  CHECK(spade::thread_count() == CPU_COUNT(&all));
}
#endif
