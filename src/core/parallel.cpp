// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/core/parallel.hpp>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#if defined(__linux__)
#include <sched.h>
#endif

#include <spade/core/error.hpp>

namespace spade {
namespace {

std::atomic<int> requested_threads{0};
thread_local bool inside_parallel_region = false;

/// Those that this thread, and so every thread that it starts, may run on. Asking is a call of the system.
int allowed_processors() {
#if defined(__linux__)
  cpu_set_t allowed;
  // Fails where the system has more processors than the set has room for.
  if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0) return std::max(1, CPU_COUNT(&allowed));
#endif
  // The machine's. Asking reads a file.
  static const int all = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  return all;
}

} // namespace

int thread_count() {
  const int requested = requested_threads.load();
  return requested > 0 ? requested : allowed_processors();
}

void set_thread_count(int count) {
  if (count < 0)
    throw InvalidArgument(
        message("set_thread_count: ", count, " is negative; 0 means as many as processors may be used"));
  requested_threads = count;
}

void parallel_for(std::int64_t count, std::int64_t grain,
                  const std::function<void(std::int64_t begin, std::int64_t end)>& body) {
  if (count <= 0) return;
  grain = std::max<std::int64_t>(grain, 1);
  // Small loops do not ask for the number of threads.
  const bool serial = inside_parallel_region || count <= grain;
  const auto threads = serial ? 1 : std::min<std::int64_t>(thread_count(), (count + grain - 1) / grain);
  if (threads <= 1) {
    body(0, count);
    return;
  }
  // Ranges are handed out on demand, so that one slow range does not hold up the rest.
  const std::int64_t chunk = std::max(grain, (count + 4 * threads - 1) / (4 * threads));
  std::atomic<std::int64_t> next{0};
  std::exception_ptr failure;
  std::mutex failure_mutex;
  const auto work = [&] {
    const SerialRegion serial;
    try {
      for (std::int64_t begin = next.fetch_add(chunk); begin < count; begin = next.fetch_add(chunk)) {
        body(begin, std::min(begin + chunk, count));
      }
    } catch (...) {
      next = count;
      const std::scoped_lock lock(failure_mutex);
      if (!failure) failure = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> pool;
    for (std::int64_t t = 1; t < threads; ++t)
      pool.emplace_back(work);
    work();
  }
  if (failure) std::rethrow_exception(failure);
}

SerialRegion::SerialRegion() : inside_before_(std::exchange(inside_parallel_region, true)) {}

SerialRegion::~SerialRegion() {
  inside_parallel_region = inside_before_;
}

} // namespace spade
