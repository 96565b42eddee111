// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/linalg/rank_update.hpp>

#include <vector>

#include <benchmark/benchmark.h>

#include <spade/core/parallel.hpp>
#include <spade/core/rng.hpp>

namespace {

std::vector<float> noise(std::int64_t count) {
  spade::RandomStream draws(1, 0);
  std::vector<float> values(static_cast<std::size_t>(count));
  for (auto& value : values)
    value = static_cast<float>(draws.uniform());
  return values;
}

// Arguments: columns C, positions P, threads (0 = all), layout (0: [C, P], 1: [P, C]).
void rank_update_float(benchmark::State& state) {
  const std::int64_t columns = state.range(0);
  const std::int64_t positions = state.range(1);
  spade::set_thread_count(static_cast<int>(state.range(2)));
  const auto x = noise(columns * positions);
  std::vector<float> gram(static_cast<std::size_t>(columns * columns));
  const bool by_position = state.range(3) != 0;
  for (auto _ : state) {
    spade::linalg::rank_update<float>(
        1.0F, {x.data(), columns, positions, by_position ? 1 : positions, by_position ? columns : 1},
        {gram.data(), columns, columns, columns});
    benchmark::ClobberMemory();
  }
  const double flops =
      static_cast<double>(columns) * static_cast<double>(columns + 1) * static_cast<double>(positions);
  state.counters["flops"] =
      benchmark::Counter(flops * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
  spade::set_thread_count(0);
}

} // namespace

BENCHMARK(rank_update_float)
    ->ArgNames({"C", "P", "threads", "by_position"})
    ->ArgsProduct({{64, 147, 576, 1152, 2304, 4608}, {2048}, {1, 0}, {0, 1}})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
