// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Where two elements of a kernel see pixels a fixed distance apart.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "window_positions.hpp"

namespace spade::statistics {

/// Pixels of one dimension that some pairs of kernel elements, and no others, see in the same way: while one
/// element of the pair moves over `first`, `first + step`, ..., the other moves over the pixels `shift`
/// further on.
struct Stretch {
  std::int64_t first = 0;
  std::int64_t count = 0;
  std::int64_t step = 1;
  std::int64_t shift = 0;
  std::vector<std::array<std::int64_t, 2>> pairs{}; ///< elements of the kernel in this dimension
};

/// All stretches of one dimension. For every pair of elements, its stretches together are the output
/// positions at which both stand on the input.
[[nodiscard]] std::vector<Stretch> stretches(const Window3& window, std::size_t dimension,
                                             std::int64_t extent, std::int64_t outputs);

/// One stretch per dimension, z, y, x.
using StretchBox = std::array<Stretch, 3>;

[[nodiscard]] inline std::int64_t pixels(const StretchBox& box) {
  return box[0].count * box[1].count * box[2].count;
}

/// The boxes of all dimensions' stretches, those with the same shift together, shifts in lexicographic order.
[[nodiscard]] std::vector<std::vector<StretchBox>> boxes_by_shift(const Window3& window,
                                                                  const LayerInput& input);

} // namespace spade::statistics
