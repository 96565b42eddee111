// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/pruners/fast.hpp>

#include <vector>

#include <benchmark/benchmark.h>

#include <spade/core/parallel.hpp>

#include "pruners/layer_problem.hpp"

namespace {

using Extents = std::vector<std::int64_t>;
using spade::benchmarks::problem_of;

// Arguments: G, R, C, mask block, threads (0 = all).
void fast(benchmark::State& state, spade::pruners::Fast::Options options) {
  const auto problem = problem_of(state.range(0), state.range(1), state.range(2), state.range(3));
  spade::set_thread_count(static_cast<int>(state.range(4)));
  const spade::pruners::Fast pruner(options);
  double error = 0;
  for (auto _ : state)
    error = pruner.prune(problem, 0.9).report.relative_error.value_or(0);
  if (options.report_error) state.counters["relative_error"] = error;
  spade::set_thread_count(0);
}

spade::pruners::Fast::Options solve_only(bool in_double) {
  spade::pruners::Fast::Options options;
  options.report_error = false;
  options.in_double = in_double;
  return options;
}

spade::pruners::Fast::Options refitted() {
  spade::pruners::Fast::Options options;
  options.refit = true;
  return options;
}

void shapes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"G", "R", "C", "b", "threads"})
      ->MeasureProcessCPUTime()
      ->UseRealTime()
      ->Unit(benchmark::kMillisecond);
  const Extents layers[] = {
      {1, 256, 2304, 9}, {1, 512, 4608, 9}, {1, 1000, 2048, 1}, {1, 2048, 512, 1}, {960, 1, 9, 9}};
  for (const auto& layer : layers) {
    for (const std::int64_t threads : {1, 0})
      benchmark->Args({layer[0], layer[1], layer[2], layer[3], threads});
  }
}

} // namespace

BENCHMARK_CAPTURE(fast, solve, solve_only(false))->Apply(shapes);
BENCHMARK_CAPTURE(fast, solve_and_report_error, {})->Apply(shapes);
BENCHMARK_CAPTURE(fast, solve_in_double, solve_only(true))->Apply(shapes);
BENCHMARK_CAPTURE(fast, refit, refitted())
    ->ArgNames({"G", "R", "C", "b", "threads"})
    ->Args({1, 64, 576, 9, 1})
    ->Args({1, 256, 2304, 9, 0})
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
