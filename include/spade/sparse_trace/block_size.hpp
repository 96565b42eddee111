// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <vector>

#include <spade/core/tensor_view.hpp>
#include <spade/traceable_graph.hpp>

namespace spade::trace {

/// Shapes of what each use of each layer sees: by layer, by use in one forward pass.
using UseShapes = std::vector<std::vector<std::vector<std::int64_t>>>;

/// Notes what the layers of one forward pass see. @param shapes  an empty element for each layer
[[nodiscard]] inline LayerObserver note_shapes(UseShapes& shapes) {
  return [&shapes](std::size_t layer, const TensorView& seen) {
    shapes[layer].emplace_back(seen.extents().begin(), seen.extents().end());
  };
}

/// Copies that run through a network at a time, at most.
inline constexpr std::int64_t most_copies_at_once = 16;

/// Elements that a layer's input should have at the most: 32 MB of floats. Allocators give larger blocks of memory
/// back to the system after each use, and getting them again costs more than larger blocks of copies bring.
inline constexpr std::int64_t most_elements_at_once = std::int64_t{1} << 23;

/// How many copies of a sample run through the network at a time: 16, or 8, 4 or 2 where a layer would see more
/// than `most_elements_at_once`. Two, because one copy does not show which dimension counts them (batch_first).
/// @param single  what the layers see of one sample
[[nodiscard]] inline std::int64_t copies_at_once(const UseShapes& single) {
  std::int64_t largest = 0; // elements
  for (const auto& uses : single) {
    for (const auto& shape : uses)
      largest =
          std::max(largest, std::reduce(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>()));
  }
  std::int64_t copies = most_copies_at_once;
  while (copies > 2 && copies * largest > most_elements_at_once)
    copies /= 2;
  return copies;
}

} // namespace spade::trace
