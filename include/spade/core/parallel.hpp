// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

namespace spade {

/// Number of threads the solvers use: the value set, or how many processors the calling thread may run on
/// (`taskset`, a container's cpuset, OpenMP's OMP_PROC_BIND; on systems other than Linux, the machine's hardware
/// concurrency).
[[nodiscard]] int thread_count();

/// Sets it for the process; 0 returns to the default. @throws InvalidArgument where negative
void set_thread_count(int count);

/// Calls body(begin, end) over disjoint ranges that cover [0, count), on up to thread_count() threads.
///
/// Ranges are at least `grain` long, except the last. Which thread runs which range is not defined, so a body
/// writes only what its own range owns; then the result is the same for any number of threads. A call from
/// within a body runs serially. The first exception thrown by a body is rethrown here after all have ended.
/// Nothing is called where count is not positive. Cost: each call starts its threads anew and joins them.
void parallel_for(std::int64_t count, std::int64_t grain,
                  const std::function<void(std::int64_t begin, std::int64_t end)>& body);

/// While it lives, parallel_for on this thread runs serially: for the threads of another pool than ours, which keeps
/// every processor busy by itself.
class SerialRegion {
public:
  SerialRegion();
  ~SerialRegion();
  SerialRegion(const SerialRegion&) = delete;
  SerialRegion& operator=(const SerialRegion&) = delete;

private:
  int before_;
};

/// While it lives, the calling thread waits and lends its processor to those in a HelpedRegion. It may go on before
/// they have ended.
class IdleProcessor {
public:
  IdleProcessor();
  ~IdleProcessor();
  IdleProcessor(const IdleProcessor&) = delete;
  IdleProcessor& operator=(const IdleProcessor&) = delete;
};

/// While it lives in a SerialRegion, parallel_for on this thread uses processors that others lend (IdleProcessor), also
/// those that come while it runs, up to thread_count() in all. Only for bodies that call no operators of the other
/// pool's framework: the threads that help are not of that pool. Without a SerialRegion, and within a body, nothing.
class HelpedRegion {
public:
  HelpedRegion();
  ~HelpedRegion();
  HelpedRegion(const HelpedRegion&) = delete;
  HelpedRegion& operator=(const HelpedRegion&) = delete;

private:
  int before_;
};

} // namespace spade
