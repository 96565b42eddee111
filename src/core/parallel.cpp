// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/core/parallel.hpp>

#include <algorithm>
#include <atomic>
#include <exception>
#include <iterator>
#include <mutex>
#include <system_error>
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

/// Where a thread is: what parallel_for may do there.
enum Region : int {
  Free,
  Serial, ///< in a SerialRegion: one thread
  Helped, ///< in a HelpedRegion of one: and lent processors
  Body    ///< within a body: one thread
};
thread_local int region = Free;

/// Lent and not borrowed. Under zero while lenders have gone on before their borrowers ended.
std::atomic<int> idle_processors{0};

/// Gives back what it has borrowed.
class Borrower {
public:
  Borrower() = default;
  ~Borrower() { idle_processors += borrowed_; }
  Borrower(const Borrower&) = delete;
  Borrower& operator=(const Borrower&) = delete;

  [[nodiscard]] bool borrow() {
    int idle = idle_processors.load();
    while (idle > 0) {
      if (idle_processors.compare_exchange_weak(idle, idle - 1)) {
        ++borrowed_;
        return true;
      }
    }
    return false;
  }
  void give_one_back() {
    --borrowed_;
    ++idle_processors;
  }

private:
  int borrowed_ = 0;
};

/// One parallel_for's ranges, handed out on demand, so that one slow range does not hold up the rest.
class Ranges {
public:
  Ranges(std::int64_t count, std::int64_t chunk, const std::function<void(std::int64_t, std::int64_t)>& body)
      : count_(count), chunk_(chunk), body_(body) {}

  /// Runs ranges until none is left, and between(): after each of them but the last.
  template <class Between> void work(const Between& between) {
    const int before = std::exchange(region, Body);
    try {
      for (std::int64_t begin = next_.fetch_add(chunk_); begin < count_; begin = next_.fetch_add(chunk_)) {
        body_(begin, std::min(begin + chunk_, count_));
        if (next_.load() < count_) between();
      }
    } catch (...) {
      next_ = count_;
      const std::scoped_lock lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
    }
    region = before;
  }
  void work() {
    work([] {});
  }

  /// Throws what the first body threw, once all threads have ended.
  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

private:
  std::int64_t count_;
  std::int64_t chunk_;
  const std::function<void(std::int64_t, std::int64_t)>& body_;
  std::atomic<std::int64_t> next_{0};
  std::mutex mutex_;
  std::exception_ptr failure_;
};

/// On this thread, and on processors that others lend in the meantime.
void run_with_lent(std::int64_t threads, Ranges& ranges) {
  Borrower borrower;
  std::vector<std::jthread> pool; // ends before what was borrowed is given back
  const auto borrow = [&] {
    while (std::ssize(pool) + 1 < threads && borrower.borrow()) {
      try {
        pool.emplace_back([&] { ranges.work(); });
      } catch (const std::system_error&) { // the system has no thread left: then without help
        borrower.give_one_back();
        return;
      }
    }
  };
  borrow();
  ranges.work(borrow);
}

void run_on(std::int64_t threads, Ranges& ranges) {
  std::vector<std::jthread> pool;
  for (std::int64_t t = 1; t < threads; ++t)
    pool.emplace_back([&] { ranges.work(); });
  ranges.work();
}

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
  const std::int64_t most = (count + grain - 1) / grain;
  // Small loops do not ask for the number of threads.
  const bool serial = region == Serial || region == Body || most == 1;
  const auto threads = serial ? 1 : std::min<std::int64_t>(thread_count(), most);
  if (threads <= 1) {
    body(0, count);
    return;
  }
  Ranges ranges(count, std::max(grain, (count + 4 * threads - 1) / (4 * threads)), body);
  if (region == Helped) {
    run_with_lent(threads, ranges);
  } else {
    run_on(threads, ranges);
  }
  ranges.rethrow();
}

SerialRegion::SerialRegion() : before_(region) {
  region = region == Body ? Body : Serial;
}

SerialRegion::~SerialRegion() {
  region = before_;
}

HelpedRegion::HelpedRegion() : before_(region) {
  if (region == Serial) region = Helped;
}

HelpedRegion::~HelpedRegion() {
  region = before_;
}

IdleProcessor::IdleProcessor() {
  ++idle_processors;
}

IdleProcessor::~IdleProcessor() {
  --idle_processors;
}

} // namespace spade
