// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// The two ways to gather a convolution's Gram matrix against each other, for every kernel size: products of
// shifted planes, and im2col in panels. Where does GramAccumulator change from one to the other, and should it?
#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include <benchmark/benchmark.h>

#include <spade/core/parallel.hpp>

#include "cpu_time.hpp"
#include "statistics/engine.hpp"
#include "statistics/gathered_layer.hpp"

namespace {

using namespace spade::benchmarks;
using namespace spade::statistics;

constexpr std::int64_t copies_at_once = 16;

// Arguments: kernel, stride, channels, edge of the map. CPU time of one thread for 64 copies, the least of all
// runs, both engines in turn.
void gram_engines(benchmark::State& state) {
  spade::set_thread_count(1);
  const Shapes shape{
      .channels = state.range(2), .edge = state.range(3), .kernel = state.range(0), .stride = state.range(1)};
  constexpr std::int64_t copies = 4 * copies_at_once;
  const auto layer = layer_of(shape);
  const auto window = window3(layer);
  const auto input =
      layer_input(layer, window,
                  spade::TensorView::owning(inputs(shape, copies_at_once),
                                            Shape{copies_at_once, shape.channels, shape.edge, shape.edge}));

  std::vector<double> sums(static_cast<std::size_t>(layer.columns() * layer.columns()));
  const auto seconds = [&](std::unique_ptr<Engine> engine) {
    const double begin = spade::benchmarks::cpu_seconds();
    for (std::int64_t copy = 0; copy < copies; copy += copies_at_once)
      engine->add(input, copy);
    engine->finish(sums, 1);
    return spade::benchmarks::cpu_seconds() - begin;
  };
  double by_shifts = 1e9;
  double by_panels = 1e9;
  for (auto _ : state) {
    by_shifts = std::min(by_shifts, seconds(shift_engine(layer, window, input, copies)));
    by_panels = std::min(by_panels, seconds(panel_engine(layer, window, spade::ScalarType::Float32, {})));
    state.SetIterationTime(by_shifts + by_panels);
  }
  const bool shifts = shift_engine_suits(layer, window, input, copies, input.positions());
  state.counters["ms_shifts"] = 1e3 * by_shifts;
  state.counters["ms_panels"] = 1e3 * by_panels;
  state.counters["times_faster_by_shifts"] = by_panels / by_shifts;
  state.counters["shifts_chosen"] = shifts ? 1 : 0;
  state.counters["lost"] = (shifts ? by_shifts : by_panels) / std::min(by_shifts, by_panels) - 1;
  spade::set_thread_count(0);
}

} // namespace

BENCHMARK(gram_engines)
    ->ArgNames({"kernel", "stride", "channels", "edge"})
    ->ArgsProduct({{3, 5, 7}, {1, 2}, {3, 16, 48}, {4, 7, 14, 28}})
    ->UseManualTime()
    ->Iterations(3)
    ->Unit(benchmark::kMillisecond);
