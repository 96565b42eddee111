// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <spade/layer_graph.hpp>

namespace spade {

/// A network on tokens from behind its embedding, and what the embedding gives it.
struct EmbeddedInput {
  LayerGraph graph;      ///< [N, T, width] -> what the network on tokens gives
  at::Tensor embeddings; ///< [N, T, width] for ids [N, T]; carries no gradient
};

/// The same network with the embedding's output for its input, so that it can be traced and explained: token
/// ids have no gradient, embeddings have.
///
/// The operators are the network's own, without those that only lead to the embedding; layers keep their
/// names, and weights stay shared (those that with_weights replaced, too). The embedding's table belongs to
/// the new network only where another operator reads it. What asks for the shape or the type of the ids alone
/// gets those of zeros that are as many as the embeddings. So the new network gives bit for bit
/// what the network on tokens gives, for these ids, and for the embeddings of any others that this function
/// accepts. The new network has a fingerprint of its own, whatever the ids.
///
/// @param graph  a network with an integer input that one embedding reads, and nothing else by its values
/// @param ids    integers, [N, T] or any other shape that the network accepts
/// @throws InvalidArgument where the ids are undefined or no integers
/// @throws UnsupportedOperator where no embedding reads the input, or several do; where the values of the ids
///   reach the output on another way, as in a padding mask; where the network measures the ids but its
///   embedding reads others, computed from them; where nothing follows the embedding (the text names node and
///   module)
/// @throws ShapeMismatch where the network does not accept the ids, or one of them is no row of the table
/// Cost: the operators that lead to the embedding, once; two passes over the list of operators. Memory: the
/// embeddings and that list.
[[nodiscard]] EmbeddedInput behind_embedding(const LayerGraph& graph, const at::Tensor& ids);

} // namespace spade
