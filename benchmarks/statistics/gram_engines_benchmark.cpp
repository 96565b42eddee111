// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// The ways to gather a convolution's Gram matrix against each other, for every kernel size: products of shifted planes,
// the same from Fourier transforms, and im2col in panels. Where does GramAccumulator change from one to another, and
// should it?
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <utility>
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
// runs, all engines in turn.
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
  // Of panels, shifts, spectra; infinite where it cannot be done.
  constexpr double never = std::numeric_limits<double>::infinity();
  std::array<double, 3> least{never, never, never};
  for (auto _ : state) {
    least[0] = std::min(least[0], seconds(panel_engine(layer, window, spade::ScalarType::Float32, {})));
    least[1] = std::min(least[1], seconds(shift_engine(layer, window, input, copies)));
    if (auto engine = spectral_engine(layer, window, input, copies))
      least[2] = std::min(least[2], seconds(std::move(engine)));
    state.SetIterationTime(least[0] + least[1]);
  }
  const auto chosen = static_cast<std::size_t>(least_work(layer, window, input, copies, input.positions()));
  state.counters["ms_panels"] = 1e3 * least[0];
  state.counters["ms_shifts"] = 1e3 * least[1];
  if (least[2] < never) state.counters["ms_spectra"] = 1e3 * least[2];
  state.counters["chosen"] = static_cast<double>(chosen);
  state.counters["lost"] = least[chosen] / *std::min_element(least.begin(), least.end()) - 1;
  spade::set_thread_count(0);
}

} // namespace

BENCHMARK(gram_engines)
    ->ArgNames({"kernel", "stride", "channels", "edge"})
    ->ArgsProduct({{3, 5, 7}, {1, 2}, {3, 16, 48}, {4, 7, 14, 28}})
    ->ArgsProduct({{3}, {1}, {64}, {14, 28, 56}})
    ->ArgsProduct({{3}, {1}, {128, 256, 512}, {4, 7, 14, 28}})
    ->UseManualTime()
    ->Iterations(3)
    ->Unit(benchmark::kMillisecond);
