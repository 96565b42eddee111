// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/linalg/solve_rows.hpp>

#include <vector>

#include <benchmark/benchmark.h>

#include <spade/core/parallel.hpp>

namespace {

// Arguments: m, n. One thread; 2 m n^2 flops.
template <class T> void solve_rows(benchmark::State& state) {
  const std::int64_t m = state.range(0);
  const std::int64_t n = state.range(1);
  spade::set_thread_count(1);
  // Well conditioned, so that solving again and again neither over- nor underflows.
  std::vector<T> l(static_cast<std::size_t>(n * n));
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = 0; j <= i; ++j)
      l[static_cast<std::size_t>(i * n + j)] = i == j ? T{1} : T{1} / static_cast<T>(4 * n);
  }
  std::vector<T> b(static_cast<std::size_t>(m * n), T{1});
  for (auto _ : state)
    spade::linalg::solve_rows<T>({l.data(), n, n, n, 1}, {b.data(), m, n, n});
  const auto flops = 2.0 * static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(n);
  state.counters["Gflop/s"] = benchmark::Counter(flops * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
  spade::set_thread_count(0);
}

void shapes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"m", "n"})->Unit(benchmark::kMillisecond);
  for (const std::int64_t n : {64, 576, 2304})
    benchmark->Args({256, n});
}

} // namespace

BENCHMARK_TEMPLATE(solve_rows, double)->Apply(shapes);
BENCHMARK_TEMPLATE(solve_rows, float)->Apply(shapes);
