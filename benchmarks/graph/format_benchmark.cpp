// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// The same networks as TorchScript and as torch.export archives: loading, and running what was loaded. The
// files are the shared folder's; without it nothing is measured.
#include <filesystem>
#include <string>

#include <ATen/ATen.h>
#include <benchmark/benchmark.h>
#include <c10/core/GradMode.h>

#include <spade/graph/importer.hpp>

#include "folders.hpp"

namespace {

constexpr const char* networks[]{"kit/resnet18_trojan", "kit/mobilenet/mobilenet_trojan"};
constexpr const char* formats[]{".pt", ".pt2"};

std::string file(const benchmark::State& state) {
  return (spade::benchmarks::shared_folder() / networks[state.range(0)]).string() + formats[state.range(1)];
}

bool missing(benchmark::State& state) {
  state.SetLabel(std::filesystem::path(file(state)).filename().string());
  if (std::filesystem::exists(file(state))) return false;
  state.SkipWithError("not measured: set SPADE_SHARED_DIR to the folder with kit/");
  return true;
}

void load_file(benchmark::State& state) {
  if (missing(state)) return;
  const auto example = at::rand({1, 3, 64, 64});
  for (auto _ : state)
    benchmark::DoNotOptimize(spade::load_graph(file(state), example));
}
BENCHMARK(load_file)->ArgsProduct({{0, 1}, {0, 1}})->Unit(benchmark::kMillisecond);

void forward_from_file(benchmark::State& state) {
  if (missing(state)) return;
  const auto graph = spade::load_graph(file(state), at::rand({1, 3, 64, 64}));
  const auto batch = at::rand({state.range(2), 3, 64, 64});
  const c10::AutoGradMode no_gradients(false);
  for (auto _ : state)
    benchmark::DoNotOptimize(graph.forward(batch));
}
BENCHMARK(forward_from_file)->ArgsProduct({{0, 1}, {0, 1}, {1, 8, 64}})->Unit(benchmark::kMillisecond);

} // namespace
