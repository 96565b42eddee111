// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <spade/core/tensor_view.hpp>
#include <spade/layer.hpp>
#include <spade/pruner.hpp>

namespace spade::statistics {

/// Cuts the layers that a plan prunes into groups whose accumulators fit into memory together, in order.
///
/// One forward pass over the copies serves one group.
/// @param sparsity one per layer; layers with 0 are in no group
/// @param bytes    what the accumulators of one group may hold
/// @return indices of layers; empty for Statistics::None
/// @throws InvalidArgument where one layer alone needs more (the text names it and says what to do)
/// Cost: O(layers). First come, first served: no search for the fewest groups.
[[nodiscard]] std::vector<std::vector<std::size_t>> passes(std::span<const Layer> layers,
                                                           std::span<const double> sparsity,
                                                           Statistics statistics, std::int64_t bytes);

/// Stands for the number of copies in an input's extents; none is the same.
inline constexpr std::int64_t copies_dimension = -1;

/// The input seen with its batch dimension first.
///
/// Some layers see their batch elsewhere (attention projections: [tokens, batch, channels]). It is the
/// dimension in which the input differs from the one that a batch of one had; where none differs there is one
/// copy, and any order will do.
/// @param single extents of the same layer's input for a batch of one, or `copies_dimension` in the dimension
///   that counts the copies, where that is known: an input of one copy does not show it
/// @returns a view that borrows the input's memory
/// @throws ShapeMismatch where the rank differs
[[nodiscard]] TensorView batch_first(const TensorView& input, std::span<const std::int64_t> single);

} // namespace spade::statistics
