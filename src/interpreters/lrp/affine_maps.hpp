// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// A network in the form that relevance rules are written for: affine maps with their batch norms merged.
#pragma once

#include <cstddef>
#include <map>
#include <set>

#include <ATen/core/Tensor.h>

#include <spade/layer_graph.hpp>

namespace spade::lrp {

struct AffineMap {
  at::Tensor weight;
  at::Tensor bias; ///< undefined where there is none
};

struct AffineMaps {
  std::map<std::size_t, AffineMap> by_node; ///< convolutions and linear layers with a constant weight
  std::set<std::size_t> merged;             ///< batch norms that are part of the affine map before them
  std::set<std::size_t> first;              ///< affine maps that the network's input reaches through no other
};

/// Cost: one pass over the nodes, and a copy of the weights that a batch norm follows.
[[nodiscard]] AffineMaps affine_maps(const LayerGraph& graph);

} // namespace spade::lrp
