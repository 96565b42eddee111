// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/statistics/gram_accumulator.hpp>

#include <vector>

#include <benchmark/benchmark.h>

#include <spade/core/parallel.hpp>

#include "statistics/gathered_layer.hpp"

namespace {

using spade::benchmarks::inputs;
using spade::benchmarks::layer_of;
using spade::benchmarks::Shape;
using spade::benchmarks::Shapes;

/// Adds so many copies in chunks of 32, and finishes; seconds.
void accumulate(const Shapes& shape, std::int64_t copies, const std::vector<float>& values) {
  spade::statistics::GramAccumulator accumulator(layer_of(shape), {.copies = copies});
  const Shape extents =
      shape.edge == 0 ? Shape{32, shape.channels} : Shape{32, shape.channels, shape.edge, shape.edge};
  const Shape strides = shape.edge == 0 ? Shape{shape.channels, 1}
                                        : Shape{shape.channels * shape.edge * shape.edge,
                                                shape.edge * shape.edge, shape.edge, 1};
  for (std::int64_t done = 0; done < copies; done += 32)
    accumulator.add(spade::TensorView(values.data(), extents, strides));
  benchmark::DoNotOptimize(std::move(accumulator).finish());
}

// Arguments: channels, edge of the map, kernel, stride, groups, copies, threads (0 = all).
void gram(benchmark::State& state) {
  const Shapes shape{state.range(0), state.range(1), state.range(2), state.range(3), state.range(4)};
  spade::set_thread_count(static_cast<int>(state.range(6)));
  const auto values = inputs(shape, 32);
  for (auto _ : state)
    accumulate(shape, state.range(5), values);
  // What im2col and a symmetric rank update take; a rate above the machine's peak means work was saved.
  const double columns = static_cast<double>(shape.channels / shape.groups * shape.kernel * shape.kernel);
  const double edge = shape.edge == 0 ? 1 : static_cast<double>((shape.edge - 1) / shape.stride + 1);
  const double flops = static_cast<double>(shape.groups) * columns * columns * edge * edge *
                       static_cast<double>(state.range(5));
  state.counters["im2col_flops"] =
      benchmark::Counter(flops * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
  spade::set_thread_count(0);
}

// ResNet-18 at 64 pixels without its first layer, 768 copies. Argument: threads (0 = all).
void resnet18_at_64_pixels(benchmark::State& state) {
  spade::set_thread_count(static_cast<int>(state.range(0)));
  const std::vector<Shapes> layers{{64, 16, 3, 1, 1, 4}, {64, 16, 3, 2, 1, 1}, {64, 16, 1, 2, 1, 1},
                                   {128, 8, 3, 1, 1, 3}, {128, 8, 3, 2, 1, 1}, {128, 8, 1, 2, 1, 1},
                                   {256, 4, 3, 1, 1, 3}, {256, 4, 3, 2, 1, 1}, {256, 4, 1, 2, 1, 1},
                                   {512, 2, 3, 1, 1, 3}, {512, 0, 1, 1, 1, 1}};
  std::vector<std::vector<float>> values;
  for (const auto& layer : layers)
    values.push_back(inputs(layer, 32));
  for (auto _ : state) {
    for (std::size_t i = 0; i < layers.size(); ++i) {
      for (std::int64_t n = 0; n < layers[i].how_many; ++n)
        accumulate(layers[i], 768, values[i]);
    }
  }
  spade::set_thread_count(0);
}

} // namespace

BENCHMARK(gram)
    ->ArgNames({"channels", "edge", "kernel", "stride", "groups", "copies", "threads"})
    ->Args({64, 16, 3, 1, 1, 768, 1})
    ->Args({64, 16, 3, 2, 1, 768, 1})
    ->Args({128, 8, 3, 1, 1, 768, 1})
    ->Args({256, 4, 3, 1, 1, 768, 1})
    ->Args({512, 2, 3, 1, 1, 768, 1})
    ->Args({64, 56, 3, 1, 1, 64, 1})
    ->Args({64, 28, 3, 1, 1, 64, 1})
    ->Args({128, 28, 3, 1, 1, 64, 1})
    ->Args({256, 28, 3, 1, 1, 64, 1})
    ->Args({256, 14, 3, 1, 1, 256, 1})
    ->Args({256, 56, 1, 1, 1, 64, 1})
    ->Args({2048, 0, 1, 1, 1, 1024, 1})
    ->Args({384, 8, 3, 1, 384, 512, 1})
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(resnet18_at_64_pixels)
    ->ArgName("threads")
    ->Arg(1)
    ->Arg(0)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1);
