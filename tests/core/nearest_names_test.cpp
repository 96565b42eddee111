// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/core/nearest_names.hpp>

#include <vector>

#include <catch2/catch.hpp>

using spade::nearest_names;

TEST_CASE("the nearest names come first, equals in their order", "[core]") {
  const std::vector<std::string> names{"layer1.0.conv1", "layer1.0.conv2", "layer2.0.conv1", "fc", "conv1"};
  CHECK(nearest_names("conv", names, 1) == "'conv1'");
  CHECK(nearest_names("layer1.0.conv3", names) == "'layer1.0.conv1', 'layer1.0.conv2', 'layer2.0.conv1'");
  CHECK(nearest_names("fc.weight", names, 1) == "'fc'");
  CHECK(nearest_names("*.conv4", names, 2) == "'layer1.0.conv1', 'layer1.0.conv2'");
  CHECK(nearest_names("", names, 1) == "'fc'");
  CHECK(nearest_names("anything", {}).empty());
}
