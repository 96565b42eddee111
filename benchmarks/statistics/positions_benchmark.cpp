// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// What fewer positions cost and save: the time of a layer's Gram matrix, and the error of what is pruned with
// it on other copies of the picture, with all their positions. The network is the shared folder's; without it
// nothing is measured.
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include <spade/augmenters.hpp>
#include <spade/graph/importer.hpp>
#include <spade/io/image.hpp>
#include <spade/pruners/exact.hpp>
#include <spade/pruners/fast.hpp>
#include <spade/statistics/gram_accumulator.hpp>

#include "folders.hpp"
#include "pruners/relative_error.hpp"
#include "thread_limit.hpp"

namespace {

using spade::LayerProblem;

constexpr const char* layer_names[]{"layer1.0.conv1", "layer2.0.conv1", "layer3.0.conv1"};
constexpr std::int64_t copies = 256;

std::filesystem::path kit() {
  return spade::benchmarks::shared_folder() / "kit";
}

/// What one layer sees of the copies of one seed, 16 at a time.
struct Inputs {
  spade::Layer layer;
  std::vector<spade::TensorView> batches;

  Inputs(const char* name, std::uint64_t seed) {
    const auto sample = spade::read_sample((kit() / "pictures" / "000_trojan.png").string(),
                                           spade::Preprocess::imagenet_normalisation());
    const auto graph = spade::load_graph((kit() / "resnet18_trojan.pt").string(), sample.input());
    const auto index = graph.layer_index(name);
    layer = graph.layers()[index];
    spade::Rng rng(seed);
    const auto augmentation = spade::augmenters::reference({.count = copies, .seed = seed});
    for (std::int64_t done = 0; done < copies; done += 16) {
      (void)graph.forward(
          augmentation.augmenter(sample, 16, rng), [&](std::size_t seen, const spade::TensorView& input) {
            if (seen == index)
              batches.push_back(spade::TensorView::owning(input.to_vector<float>(), input.extents()));
          });
    }
  }

  [[nodiscard]] LayerProblem gather(std::int64_t positions_per_column) const {
    spade::statistics::GramAccumulator accumulator(
        layer, {.positions_per_column = positions_per_column, .copies = copies});
    for (const auto& batch : batches)
      accumulator.add(batch);
    return std::move(accumulator).finish();
  }
};

// Arguments: layer, positions per column (0: all).
void positions(benchmark::State& state) {
  const char* name = layer_names[state.range(0)];
  state.SetLabel(name);
  if (!std::filesystem::exists(kit())) {
    state.SkipWithError("not measured: set SPADE_SHARED_DIR to the folder with kit/");
    return;
  }
  const spade::benchmarks::ThreadLimit one_thread(1);
  const Inputs inputs(name, 1);
  LayerProblem problem;
  for (auto _ : state)
    problem = inputs.gather(state.range(1));
  const auto others = Inputs(name, 2).gather(0);
  const auto error = [&](const auto& pruner) {
    return spade::benchmarks::relative_error(others, pruner.prune(problem, 0.9));
  };
  state.counters["used"] = static_cast<double>(problem.positions);
  state.counters["fast"] = error(spade::pruners::Fast{});
  state.counters["fast_refit"] = error(spade::pruners::Fast{{.refit = true}});
  state.counters["exact"] = error(spade::pruners::Exact{});
}
BENCHMARK(positions)
    ->ArgNames({"layer", "per_column"})
    ->ArgsProduct({{0, 1, 2}, {1, 2, 4, 8, 16, 32, 64, 0}})
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);

} // namespace
