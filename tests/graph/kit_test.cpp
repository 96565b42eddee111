// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Trained networks of the shared folder, where there is one.
#include <cstdlib>
#include <filesystem>

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <catch2/catch.hpp>

#include <spade/graph/importer.hpp>

#include "graph/scripted.hpp"

using namespace spade;

TEST_CASE("trained networks give the bits of their own forward pass", "[graph][shared]") {
  const char* chosen = std::getenv("SPADE_SHARED_DIR");
  const std::filesystem::path folder = chosen != nullptr ? chosen : SPADE_SHARED_DIR;
  const std::pair<std::string, std::size_t> network =
      GENERATE(std::pair<std::string, std::size_t>{"kit/resnet18_trojan.pt", 21},
               std::pair<std::string, std::size_t>{"kit/mobilenet/mobilenet_trojan.pt", 53});
  const auto path = (folder / network.first).string();
  if (!std::filesystem::exists(path)) {
    WARN("not checked: " << path << " does not exist; set SPADE_SHARED_DIR");
    return;
  }
  const auto graph = load_graph(path, testing::numbers({1, 3, 64, 64}));
  CHECK(graph.layers().size() == network.second);
  for (const bool gradients : {false, true}) {
    const c10::AutoGradMode mode(gradients);
    for (const auto batch : {1, 3}) {
      const auto input = testing::numbers({batch, 3, 64, 64}, 2);
      CHECK(at::equal(graph.forward(input), testing::source_forward(path, input)));
    }
  }
}
