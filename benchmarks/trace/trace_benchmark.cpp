// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// A whole trace of a ResNet-50 at 224 pixels, from picture to trace, and its forward passes alone.
#include <spade/sparse_trace.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <benchmark/benchmark.h>

#include <spade/augmenters/reference.hpp>
#include <spade/interpreters/saliency.hpp>
#include <spade/io/plan_file.hpp>
#include <spade/layer_graph.hpp>
#include <spade/pruners/fast.hpp>
#include <spade/sample.hpp>

#include "cpu_time.hpp"
#include "thread_limit.hpp"
#include "trace/networks.hpp"

namespace {

using spade::LayerGraph;

struct Cost {
  double wall = 0;
  double cpu = 0;

  template <class F> decltype(auto) of(F&& work) {
    struct Adder {
      Cost& cost;
      spade::trace::Stopwatch watch{};
      double begin = spade::benchmarks::cpu_seconds();
      ~Adder() {
        cost.wall += watch.seconds();
        cost.cpu += spade::benchmarks::cpu_seconds() - begin;
      }
    } adder{*this};
    return std::forward<F>(work)();
  }
};

/// How many copies a trace carries at a time.
std::int64_t block_size(const LayerGraph& graph, const at::Tensor& sample) {
  spade::trace::UseShapes single(graph.layers().size());
  (void)graph.forward(sample, spade::trace::note_shapes(single));
  return spade::trace::copies_at_once(single);
}

/// So many blocks of copies through the network, several at the same time, as a trace runs them.
void forward_passes(const LayerGraph& graph, const std::vector<at::Tensor>& blocks, std::int64_t count) {
  std::atomic<std::int64_t> next = 0;
  const auto threads =
      std::min<std::int64_t>({spade::thread_count(), count, spade::trace::most_blocks_at_once});
  LayerGraph::side_by_side(threads, [&] {
    for (std::int64_t i = next++; i < count; i = next++)
      benchmark::DoNotOptimize(graph.forward(blocks[static_cast<std::size_t>(i) % blocks.size()]));
  });
}

// Arguments: copies, positions per column (0 = all). All processors. Every iteration runs half the forward
// passes, the trace, and the other half, so that a machine that becomes faster or slower does so for both.
void trace_of_resnet50(benchmark::State& state) {
  const LayerGraph* const graph = spade::benchmarks::load(spade::benchmarks::resnet50(), state);
  if (graph == nullptr) return;
  const spade::benchmarks::ThreadLimit all_processors(0);
  const std::int64_t copies = state.range(0);
  const auto augmentation = spade::augmenters::reference({.count = copies, .seed = 7});
  const spade::SparseTrace pipeline(spade::pruners::Fast(), augmentation, spade::interpreters::Saliency(),
                                    spade::read_plan(SPADE_PLAN), {.positions_per_column = state.range(1)});
  const auto picture = at::rand({3, 375, 500}); // as large as ImageNet's are on average

  // Their values do not matter to the forward passes' time: a few blocks stand for all.
  std::vector<at::Tensor> blocks;
  spade::Rng rng(7);
  const spade::Sample sample(picture, spade::Preprocess::imagenet());
  const std::int64_t copies_at_once = block_size(*graph, sample.input());
  for (int i = 0; i < 4; ++i)
    blocks.push_back(augmentation.augmenter(sample, copies_at_once, rng));
  forward_passes(*graph, blocks, std::ssize(blocks)); // what LibTorch prepares once
  const std::int64_t half = copies / copies_at_once / 2;
  Cost before;
  Cost after;
  Cost whole;
  spade::Provenance parts;
  for (auto _ : state) {
    before.of([&] { forward_passes(*graph, blocks, half); });
    const double wall = whole.wall;
    const auto result = whole.of(
        [&] { return pipeline.prune(*graph, spade::Sample(picture, spade::Preprocess::imagenet())); });
    parts = result.provenance;
    state.SetIterationTime(whole.wall - wall);
    after.of([&] { forward_passes(*graph, blocks, half); });
  }
  const auto times = static_cast<double>(state.iterations());
  state.counters["s_trace"] = whole.wall / times;
  state.counters["s_passes"] = (before.wall + after.wall) / times;
  state.counters["ratio"] = whole.wall / (before.wall + after.wall);
  state.counters["cpu_ratio"] = whole.cpu / (before.cpu + after.cpu);
  state.counters["drift"] = after.wall / before.wall;
  // Of the last trace.
  state.counters["s_augment"] = parts.augment_seconds;
  state.counters["s_forward"] = parts.forward_seconds;
  state.counters["s_statistics"] = parts.statistics_seconds;
  state.counters["s_prune"] = parts.prune_seconds;
}

} // namespace

BENCHMARK(trace_of_resnet50)
    ->ArgNames({"copies", "positions"})
    ->ArgsProduct({{64, 256, 1024}, {0, 4, 16, 64}})
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kSecond);
