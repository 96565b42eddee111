// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// What a forward pass takes per copy: by batch size, memory format, gradient mode, and with or without what
// comes after the last prunable layer. Each thread runs a batch of its own, as in a trace.
#include <string>

#include <ATen/ATen.h>
#include <benchmark/benchmark.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>

#include <spade/core/parallel.hpp>
#include <spade/graph/weight_set.hpp>
#include <spade/layer_graph.hpp>

#include "cpu_time.hpp"
#include "thread_limit.hpp"
#include "trace/networks.hpp"

namespace {

using spade::LayerGraph;
using spade::benchmarks::NetworkFile;

struct Way {
  std::string name;
  bool channels_last_inputs = false;
  bool channels_last_weights = false;
  bool inference_mode = false;
  bool stops = false; ///< before the last prunable layer, as when its input is all that is wanted
};

const Way ways[]{{.name = "contiguous"},
                 {.name = "channels_last_inputs", .channels_last_inputs = true},
                 {.name = "channels_last", .channels_last_inputs = true, .channels_last_weights = true},
                 {.name = "inference_mode", .inference_mode = true},
                 {.name = "until_last_layer", .stops = true}};

/// The network with its convolutions' weights in channels-last order.
LayerGraph channels_last(const LayerGraph& graph) {
  spade::graph::WeightSet weights;
  const auto& parameters = graph.program().parameters;
  for (std::size_t id = 0; id < parameters.size(); ++id) {
    const auto& tensor = parameters[id].tensor;
    if (tensor.dim() == 4) weights[id] = tensor.contiguous(at::MemoryFormat::ChannelsLast);
  }
  return graph.with_weights(weights);
}

void run(const LayerGraph& graph, const at::Tensor& batch, const Way& way) {
  const c10::InferenceMode mode(way.inference_mode);
  const c10::AutoGradMode no_gradients(false);
  if (!way.stops) {
    benchmark::DoNotOptimize(graph.forward(batch));
    return;
  }
  auto walk = graph.begin(batch);
  while (const auto stop = graph.advance(walk)) {
    if (stop->layer + 1 == graph.layers().size()) return;
  }
}

// Argument: threads (0 = all), each with a batch of so many copies.
void forward(benchmark::State& state, const NetworkFile& file, const Way& way, std::int64_t batch_size) {
  const LayerGraph* const dense = spade::benchmarks::load(file, state);
  if (dense == nullptr) return;
  const spade::benchmarks::ThreadLimit limit(static_cast<int>(state.range(0)));
  const std::int64_t threads = spade::thread_count();
  const auto graph = way.channels_last_weights ? channels_last(*dense) : *dense;
  const auto batch = at::rand({batch_size, 3, file.edge, file.edge})
                         .contiguous(way.channels_last_inputs ? at::MemoryFormat::ChannelsLast
                                                              : at::MemoryFormat::Contiguous);
  const double begin = spade::benchmarks::cpu_seconds();
  for (auto _ : state)
    LayerGraph::side_by_side(threads, [&] { run(graph, batch, way); });
  const auto copies = static_cast<double>(state.iterations() * threads * batch_size);
  state.counters["cpu_ms/copy"] = 1e3 * (spade::benchmarks::cpu_seconds() - begin) / copies;
  state.counters["copies/s"] = benchmark::Counter(copies, benchmark::Counter::kIsRate);
}

const int registered = [] {
  for (const auto* file : {&spade::benchmarks::resnet50(), &spade::benchmarks::resnet18()}) {
    for (const auto& way : ways) {
      for (const std::int64_t batch : {1, 2, 4, 8, 16, 32, 64}) {
        const auto name = "forward/" + file->name + "/" + way.name + "/batch:" + std::to_string(batch);
        benchmark::RegisterBenchmark(
            name.c_str(), [file, way, batch](benchmark::State& state) { forward(state, *file, way, batch); })
            ->ArgName("threads")
            ->Arg(1)
            ->Arg(0)
            ->UseRealTime()
            ->Unit(benchmark::kMillisecond);
      }
    }
  }
  return 0;
}();

} // namespace
