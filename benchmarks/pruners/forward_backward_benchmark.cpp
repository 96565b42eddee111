// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/pruners/forward_backward.hpp>

#include <array>

#include <benchmark/benchmark.h>

#include <spade/core/parallel.hpp>

#include "pruners/layer_problem.hpp"

namespace {

// Arguments: R, C, sparsity in per mille, threads (0 = all): a whole layer, error included. The Gram matrix
// is of few positions; forward selection is run all the same.
void forward_backward(benchmark::State& state, bool swaps) {
  const auto problem = spade::benchmarks::problem_of(1, state.range(0), state.range(1), 1);
  const double sparsity = static_cast<double>(state.range(2)) / 1000;
  spade::set_thread_count(static_cast<int>(state.range(3)));
  spade::pruners::ForwardBackward::Options options;
  options.least_positions = 0;
  options.swaps = swaps;
  const spade::pruners::ForwardBackward pruner(options);
  double error = 0;
  for (auto _ : state)
    error = pruner.prune(problem, sparsity).report.relative_error.value_or(0);
  state.counters["relative_error"] = error;
  spade::set_thread_count(0);
}

void shapes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"R", "C", "per_mille", "threads"})
      ->MeasureProcessCPUTime()
      ->UseRealTime()
      ->Unit(benchmark::kMillisecond);
  for (const auto& [rows, columns] :
       {std::array{64, 576}, std::array{128, 1152}, std::array{256, 2304}, std::array{2048, 512}}) {
    for (const int per_mille : {900, 950, 990})
      benchmark->Args({rows, columns, per_mille, 1});
    benchmark->Args({rows, columns, 950, 0});
  }
}

} // namespace

BENCHMARK_CAPTURE(forward_backward, alone, false)->Apply(shapes);
BENCHMARK_CAPTURE(forward_backward, with_swaps, true)->Apply(shapes);
