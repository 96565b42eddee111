// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <utility>

namespace spade::trace {

/// Wall-clock seconds since it was made.
class Stopwatch {
public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(Clock::now() - start_).count();
  }

private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
};

/// Runs something, adds the seconds it took to a total, and returns its result.
template <class F> decltype(auto) timed(double& total, F&& work) {
  struct Adder {
    double& total;
    Stopwatch watch{};
    ~Adder() { total += watch.seconds(); }
  } adder{total};
  return std::forward<F>(work)();
}

} // namespace spade::trace
