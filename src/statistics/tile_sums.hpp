// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Sums of products that pairs of kernel elements share, on their way into a Gram matrix.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "stretches.hpp"
#include "window_positions.hpp"

namespace spade::statistics {

/// Two elements of the kernel, numbered x innermost.
using ElementPair = std::array<std::int64_t, 2>;

/// Calls each(u, v) for the pairs of elements of a kernel that see a box's pixels.
template <class Each>
void for_pairs_of_box(const StretchBox& box, const std::array<std::int64_t, 3>& kernel, const Each& each) {
  for (const auto& [z_u, z_v] : box[0].pairs) {
    for (const auto& [y_u, y_v] : box[1].pairs) {
      for (const auto& [x_u, x_v] : box[2].pairs)
        each((z_u * kernel[1] + y_u) * kernel[2] + x_u, (z_v * kernel[1] + y_v) * kernel[2] + x_v);
    }
  }
}

/// Kernels of more elements have no lists of pairs: those outgrow the sums.
constexpr std::int64_t most_listed_elements = 81;

/// Products of channels at pixels a fixed distance apart, and the pairs of kernel elements in whose sums they are.
struct Term {
  StretchBox box;
  std::vector<ElementPair> pairs; ///< empty with more than most_listed_elements: then those of the box
  /// A distance under zero: in a diagonal tile, these products are the transpose of another term's.
  bool backward = false;
  double sign = 1; ///< what they count in these sums
};

/// The terms of one distance.
using Shift = std::vector<Term>;

/// A convolution's terms, one a box of its stretches. For every pair, the boxes of its terms together are the pixels
/// that its first element sees while its second is on the input.
[[nodiscard]] std::vector<Shift> shifts_of(const Window3& window, const LayerInput& input);

/// Slivers i and j <= i of the channels.
struct Tile {
  std::int64_t i;
  std::int64_t j;
};

/// Sums in double, for every tile, of each term, or of each pair of elements where these are fewer or not listed. Of a
/// depthwise layer only the tiles with i = j are kept, and of those the diagonal.
class TileSums {
public:
  /// @param height  rows of a sliver
  TileSums(const Layer& layer, const Window3& window, std::int64_t height, const std::vector<Shift>& shifts);

  [[nodiscard]] bool depthwise() const { return depthwise_; }
  [[nodiscard]] std::int64_t height() const { return height_; }
  [[nodiscard]] const std::vector<Tile>& tiles() const { return tiles_; }
  /// Elements of a tile's products: [height, height], or [height] where depthwise.
  [[nodiscard]] std::int64_t tile_size() const { return depthwise_ ? height_ : height_ * height_; }

  /// Adds products of one term in one tile, and clears them. Side by side only for different tiles or shifts.
  /// @param number  of the term among those of its shift
  template <class T>
  void add(std::size_t tile, std::size_t shift, std::size_t number, const Term& term,
           std::vector<T>& products) {
    const auto add_to = [&](std::size_t slot) {
      double* sum = sums_.data() + position(tile, slot);
      for (const T product : products)
        *sum++ += term.sign * static_cast<double>(product);
    };
    if (by_term_) {
      add_to(first_slots_[shift] + number);
    } else {
      for_pairs(term,
                [&](std::int64_t u, std::int64_t v) { add_to(static_cast<std::size_t>(u * elements_ + v)); });
    }
    std::fill(products.begin(), products.end(), T{0});
  }

  /// Adds `factor` times the sums to the Gram matrices [G, C, C], lower triangles only.
  /// @param norms  [channels, elements]: what the diagonal is; where it is 0, so are the row and the column. Empty: the
  ///               sums are taken as they are
  void finish(std::span<double> grams, double factor, std::span<const double> norms = {}) const;

private:
  [[nodiscard]] std::size_t position(std::size_t tile, std::size_t slot) const {
    return (tile * slots_ + slot) * static_cast<std::size_t>(tile_size());
  }
  /// Calls each(u, v) for the pairs of a term.
  template <class Each> void for_pairs(const Term& term, const Each& each) const {
    if (term.pairs.empty()) {
      for_pairs_of_box(term.box, kernel_, each);
    } else {
      for (const auto& [u, v] : term.pairs)
        each(u, v);
    }
  }
  [[nodiscard]] std::int64_t rows_of(std::int64_t sliver) const;
  /// The sums of a tile for elements u and v.
  void gather(std::size_t tile, std::int64_t u, std::int64_t v, std::span<const double> norms,
              std::vector<double>& block) const;
  /// Where a tile's sums for elements u and v go; a diagonal tile has those of u <= v.
  void unpack(const Tile& tile, std::int64_t u, std::int64_t v, const std::vector<double>& block,
              double factor, std::span<double> gram) const;
  void unpack_diagonal(std::int64_t i, std::int64_t u, std::int64_t v, const std::vector<double>& block,
                       double factor, std::span<double> gram) const;
  void unpack_depthwise(std::int64_t i, std::int64_t u, std::int64_t v, const std::vector<double>& block,
                        double factor, std::span<double> grams) const;

  bool depthwise_;
  std::array<std::int64_t, 3> kernel_;
  std::int64_t elements_;
  std::int64_t columns_;
  std::int64_t channels_;
  std::int64_t height_;
  std::vector<Tile> tiles_;
  bool by_term_;
  std::size_t slots_ = 0;                                ///< sums of a tile
  std::vector<std::size_t> first_slots_;                 ///< by term: of each shift
  std::vector<std::vector<std::size_t>> slots_of_pairs_; ///< by term: [elements, elements]
  std::vector<double> sums_;                             ///< [tiles, slots, tile size]
};

} // namespace spade::statistics
