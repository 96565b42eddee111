// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/graph/node.hpp>

#include <catch2/catch.hpp>

TEST_CASE("every kind of operator has a name", "[graph]") {
  CHECK(spade::graph::to_string(spade::graph::OpKind::Convolution) == "convolution");
  CHECK(spade::graph::to_string(spade::graph::OpKind::Other) == "other");
}
