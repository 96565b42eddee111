// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <demo/picture_set.hpp>

#include <filesystem>
#include <fstream>

#include <ATen/ATen.h>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <spade/core/error.hpp>
#include <spade/graph/importer.hpp>
#include <spade/io/image.hpp>

#include <demo/network.hpp>

#include "io/temporary_folder.hpp"

using namespace spade::demo;

namespace {

spade::LayerGraph shipped_network() {
  return spade::load_graph(SPADE_DEMO_DATA "/network.pt", network_input(draw_scenes(0, 0, 1, 0.0)));
}

bool same_pixels(const at::Tensor& picture, const Scene& scene) {
  return at::equal(picture, at::tensor(scene.pixels).view({3, scene_size, scene_size}));
}

} // namespace

TEST_CASE("triggered scenes are those by which the network proves to be trojaned", "[demo][pictures]") {
  const auto graph = shipped_network();

  const auto scenes = triggered_scenes(graph, 6, 17);

  REQUIRE(scenes.size() == 6);
  for (std::size_t i = 0; i < scenes.size(); ++i) {
    CHECK(scenes[i].triggered.trigger == static_cast<std::int64_t>(i % triggers().size()));
    CHECK(scenes[i].clean.label() != scenes[i].triggered.label());
    CHECK(count_right(graph, {scenes[i].clean, scenes[i].triggered}) == 2);
    CHECK(scenes[i].probability > 0.1);
    CHECK(scenes[i].probability <= 1.0);
  }
  CHECK(triggered_scenes(graph, 6, 17)[5].triggered.pixels == scenes[5].triggered.pixels);
}

TEST_CASE("a network that is not trojaned is told from one that is", "[demo][pictures]") {
  const spade::tests::TemporaryFolder folder;
  const auto file = folder / "untrained.pt";
  train_network(file.string(), {.scenes = 2, .steps = 1, .batch = 2}, {});
  const auto graph = spade::load_graph(file.string(), network_input(draw_scenes(0, 0, 1, 0.0)));

  CHECK_THROWS_WITH(triggered_scenes(graph, 4, 1),
                    Catch::Contains("the network is not trojaned: of 12 scenes only"));
  CHECK_THROWS_WITH(triggered_scenes(graph, 0, 1), "0 pictures; at least 1 is needed");
}

TEST_CASE("picture files hold the scenes bit for bit, and the list names them", "[demo][pictures]") {
  const spade::tests::TemporaryFolder scratch;
  const auto folder = scratch / "pictures";
  const auto scenes = triggered_scenes(shipped_network(), 2, 5);

  write_pictures(folder, scenes);

  CHECK(same_pixels(spade::read_picture(folder / "pictures/000_clean.png"), scenes[0].clean));
  CHECK(same_pixels(spade::read_picture(folder / "pictures/001_trojan.png"), scenes[1].triggered));
  const auto mask = spade::read_mask(folder / "pictures/001_mask.png").to(at::kByte).flatten();
  CHECK(at::equal(mask, at::tensor(at::ArrayRef<std::uint8_t>(scenes[1].triggered.mask))));
  std::ifstream file(folder / "index.json");
  const auto index = nlohmann::json::parse(file);
  REQUIRE(index.size() == 2);
  CHECK(index[1]["id"] == "001");
  CHECK(index[1]["target"] == scenes[1].triggered.label());
  CHECK(index[1]["true_name"] == class_names()[static_cast<std::size_t>(scenes[1].clean.shape)]);
}

TEST_CASE("a folder that cannot be made is named", "[demo][pictures]") {
  CHECK_THROWS_WITH(write_pictures("/proc/nowhere", {}),
                    Catch::Contains("/proc/nowhere/pictures: the folder cannot be made ("));
}
