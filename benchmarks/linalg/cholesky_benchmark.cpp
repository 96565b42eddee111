// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/linalg/cholesky.hpp>

#include <vector>

#include <benchmark/benchmark.h>

#include <spade/core/parallel.hpp>

namespace {

// Arguments: n, threads (0 = all). The speed does not depend on the values.
template <class T> void factor_cholesky(benchmark::State& state) {
  const std::int64_t n = state.range(0);
  spade::set_thread_count(static_cast<int>(state.range(1)));
  std::vector<T> given(static_cast<std::size_t>(n * n), T(0.5));
  for (std::int64_t i = 0; i < n; ++i)
    given[static_cast<std::size_t>(i * n + i)] = T(1);
  std::vector<T> a(given.size());
  for (auto _ : state) {
    state.PauseTiming();
    a = given;
    state.ResumeTiming();
    if (spade::linalg::factor_cholesky<T>({a.data(), n, n, n}) != n)
      state.SkipWithError("not positive definite");
    benchmark::ClobberMemory();
  }
  const double flops = static_cast<double>(n) * static_cast<double>(n) * static_cast<double>(n) / 3;
  state.counters["flops"] =
      benchmark::Counter(flops * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
  spade::set_thread_count(0);
}

} // namespace

BENCHMARK_TEMPLATE(factor_cholesky, float)
    ->ArgNames({"n", "threads"})
    ->ArgsProduct({{64, 147, 576, 1152, 2304, 4608}, {1, 0}})
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_TEMPLATE(factor_cholesky, double)
    ->ArgNames({"n", "threads"})
    ->ArgsProduct({{576, 2304}, {1, 0}})
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
