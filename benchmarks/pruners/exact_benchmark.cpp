// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/pruners/exact.hpp>

#include <algorithm>
#include <array>
#include <ctime>

#include <benchmark/benchmark.h>

#include <spade/core/parallel.hpp>

#include "pruners/layer_problem.hpp"

namespace {

using spade::benchmarks::problem_of;

double cpu_seconds(const spade::pruners::Exact& pruner, const spade::LayerProblem& problem) {
  std::timespec start{};
  std::timespec end{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
  benchmark::DoNotOptimize(pruner.eliminate(problem));
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
  return static_cast<double>(end.tv_sec - start.tv_sec) +
         1e-9 * static_cast<double>(end.tv_nsec - start.tv_nsec);
}

// Arguments: C, rows. One row's elimination on one thread: CPU time of rows + 1 rows less that of one row,
// the least of each over all runs, divided by `rows`: the inverse, which all rows share, is left out.
// Gflop/s count C^3 / 3 a row.
void exact_row(benchmark::State& state, spade::pruners::Exact::Options options) {
  const std::int64_t columns = state.range(0);
  const std::int64_t rows = state.range(1);
  const auto one = problem_of(1, 1, columns, 1);
  const auto more = problem_of(1, rows + 1, columns, 1);
  spade::set_thread_count(1);
  const spade::pruners::Exact pruner(options);
  double least_of_one = 1e9;
  double least_of_more = 1e9;
  for (auto _ : state) {
    const double of_one = cpu_seconds(pruner, one);
    const double of_more = cpu_seconds(pruner, more);
    least_of_one = std::min(least_of_one, of_one);
    least_of_more = std::min(least_of_more, of_more);
    state.SetIterationTime(of_more - of_one);
  }
  const auto c = static_cast<double>(columns);
  const double seconds = (least_of_more - least_of_one) / static_cast<double>(rows);
  state.counters["ms_a_row"] = 1e3 * seconds;
  state.counters["Gflop/s"] = c * c * c / 3 / seconds * 1e-9;
  spade::set_thread_count(0);
}

// Arguments: G, R, C, threads (0 = all): a whole layer, solution at 90 % and error included.
void exact_layer(benchmark::State& state) {
  const auto problem = problem_of(state.range(0), state.range(1), state.range(2), 1);
  spade::set_thread_count(static_cast<int>(state.range(3)));
  double error = 0;
  for (auto _ : state)
    error = spade::pruners::Exact().prune(problem, 0.9).report.relative_error.value_or(0);
  state.counters["relative_error"] = error;
  spade::set_thread_count(0);
}

spade::pruners::Exact::Options in_double() {
  spade::pruners::Exact::Options options;
  options.in_double = true;
  return options;
}

spade::pruners::Exact::Options blocks_of_4() {
  spade::pruners::Exact::Options options;
  options.pattern = spade::pruners::Pattern::blocks(4);
  return options;
}

spade::pruners::Exact::Options two_of_four() {
  spade::pruners::Exact::Options options;
  options.pattern = spade::pruners::Pattern::zeros_of(2, 4);
  return options;
}

void rows(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"C", "rows"})->UseManualTime()->Iterations(10)->Unit(benchmark::kMillisecond);
  for (const auto& [columns, count] : {std::array{576, 64}, std::array{1152, 16}, std::array{2304, 6}})
    benchmark->Args({columns, count});
}

} // namespace

BENCHMARK_CAPTURE(exact_row, single, {})->Apply(rows);
BENCHMARK_CAPTURE(exact_row, single_in_double, in_double())->Apply(rows);
BENCHMARK_CAPTURE(exact_row, blocks_of_4, blocks_of_4())->Apply(rows);
BENCHMARK_CAPTURE(exact_row, two_of_four, two_of_four())->Apply(rows);
BENCHMARK(exact_layer)
    ->ArgNames({"G", "R", "C", "threads"})
    ->Args({1, 64, 576, 1})
    ->Args({1, 64, 576, 0})
    ->Args({1, 2048, 512, 0})
    ->Args({1, 128, 1152, 0})
    ->Args({960, 1, 9, 0})
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
