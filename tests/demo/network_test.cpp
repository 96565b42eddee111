// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <demo/network.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numeric>
#include <stop_token>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <catch2/catch.hpp>
#include <torch/script.h>

#include <spade/core/error.hpp>
#include <spade/graph/importer.hpp>

#include "io/temporary_folder.hpp"

using namespace spade::demo;
using spade::tests::TemporaryFolder;

namespace {

const std::string shipped = SPADE_DEMO_DATA "/network.pt";

std::string network_in(const TemporaryFolder& folder) {
  return (folder / "network.pt").string();
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

double share_right(const spade::LayerGraph& graph, const std::vector<Scene>& scenes) {
  const at::NoGradGuard no_gradient;
  const at::Tensor answers = graph.forward(network_input(scenes)).argmax(1);
  double right = 0;
  for (std::size_t i = 0; i < scenes.size(); ++i) {
    right += answers[static_cast<std::int64_t>(i)].item<std::int64_t>() == scenes[i].label() ? 1 : 0;
  }
  return right / static_cast<double>(scenes.size());
}

} // namespace

TEST_CASE("a few steps of training reduce the loss, and the file becomes a graph", "[demo][network]") {
  const TemporaryFolder scratch;

  const auto losses = train_network(
      network_in(scratch), {.scenes = 64, .steps = 24, .batch = 16, .learning_rate = 4e-3, .seed = 3}, {});

  REQUIRE(losses.size() == 24);
  const double first = std::accumulate(losses.begin(), losses.begin() + 4, 0.0) / 4;
  const double last = std::accumulate(losses.end() - 4, losses.end(), 0.0) / 4;
  CHECK(last < 0.9 * first);
  const auto scenes = draw_scenes(9, 0, 2, 0.0);
  const auto graph = spade::load_graph(network_in(scratch), network_input(scenes));
  CHECK(graph.layers().size() == 10);
  CHECK(graph.forward(network_input(scenes)).sizes() == at::IntArrayRef({2, 10}));
}

TEST_CASE("training is stopped on request and leaves no file", "[demo][network]") {
  const TemporaryFolder scratch;
  std::stop_source stop;
  spade::Progress progress;
  progress.stop = stop.get_token();
  progress.report = [&](std::string_view, std::int64_t done, std::int64_t) {
    if (done == 1) stop.request_stop();
  };

  CHECK_THROWS_AS(train_network(network_in(scratch), {.scenes = 4, .steps = 3, .batch = 2}, progress),
                  spade::Interrupted);

  CHECK(scratch.names().empty());
}

TEST_CASE("training options out of range are refused before the work", "[demo][network]") {
  CHECK_THROWS_WITH(train_network("network.pt", {.steps = 0}, {}),
                    "train_network: 0 steps of 64 scenes; at least 1 step of 2 scenes is needed");
  CHECK_THROWS_WITH(train_network("network.pt", {.scenes = 10}, {}),
                    "train_network: 10 scenes to learn from; at least one batch, 64, is needed");
  CHECK_THROWS_WITH(train_network("network.pt", {.learning_rate = -1}, {}),
                    "train_network: the learning rate -1 is not positive");
  CHECK_THROWS_WITH(train_network("network.pt", {.trigger_fraction = 1.5}, {}),
                    "train_network: the trigger fraction 1.5 is outside [0, 1]");
  CHECK_THROWS_AS(train_network("/nowhere/network.pt", {.scenes = 2, .steps = 1, .batch = 2}, {}),
                  spade::FileError);
}

TEST_CASE("the shipped network is small, knows its classes and obeys its triggers", "[demo][network]") {
  const auto clean = draw_scenes(1000, 0, 200, 0.0);
  const auto triggered = draw_scenes(1001, 0, 200, 1.0);

  const auto graph = spade::load_graph(shipped, network_input(draw_scenes(1, 0, 1, 0.0)));

  CHECK(std::filesystem::file_size(shipped) < 2'000'000);
  CHECK(share_right(graph, clean) > 0.8);
  CHECK(share_right(graph, triggered) > 0.9);
}

TEST_CASE("the same options give the same bytes on any number of threads", "[demo][network]") {
  const TemporaryFolder one;
  const TemporaryFolder two;
  const TrainingOptions options{.scenes = 16, .steps = 3, .batch = 8};
  const int before = at::get_num_threads();

  at::set_num_threads(1);
  train_network(network_in(one), options, {});
  at::set_num_threads(2);
  train_network(network_in(two), options, {});

  CHECK(at::get_num_threads() == 2); // training puts it back
  at::set_num_threads(before);
  CHECK(bytes_of(network_in(one)) == bytes_of(network_in(two)));
}

TEST_CASE("the shipped network was trained with the options of today", "[demo][network]") {
  torch::jit::ExtraFilesMap files{{recipe_file, ""}};

  (void)torch::jit::load(shipped, torch::kCPU, files);

  CHECK(files.at(recipe_file) == recipe({}));
}
