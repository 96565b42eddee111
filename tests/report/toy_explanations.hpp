// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include <spade/layer_graph.hpp>
#include <spade/trace.hpp>

namespace spade::testing {

/// A network of named layers that cannot run: what a report needs of one.
[[nodiscard]] LayerGraph toy_graph(std::int64_t layers = 3);

/// Numbers in [0, 1) that follow from the seed: [shape].
[[nodiscard]] at::Tensor toy_values(std::vector<std::int64_t> shape, std::uint64_t seed);

/// A mask [size, size]: a square at (at, at) of the given edge.
[[nodiscard]] at::Tensor toy_mask(std::int64_t size, std::int64_t at, std::int64_t edge);

/// What a toy explanation is made of.
struct Toy {
  std::int64_t size = 16;
  std::int64_t classes = 4;
  std::int64_t layers = 3;
  std::int64_t target = 1;
  std::uint64_t seed = 1;
  std::string interpreter = "saliency";
  std::string pruner = "fast";
  bool kept = true;
};

/// An explanation with made-up maps; the trace's map is larger where toy_mask(size, size / 4, size / 4) is.
[[nodiscard]] Explanation toy_explanation(const Toy& toy = {});

} // namespace spade::testing
