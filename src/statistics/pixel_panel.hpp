// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <spade/linalg/slivers.hpp>

#include "tile_sums.hpp"
#include "window_positions.hpp"

namespace spade::statistics {

/// Products of pixels are summed in T over so many of them, before they are added to the sums in double.
constexpr std::int64_t products_in_one_sum = 4096;

/// The pixels of some copies that some terms see, packed once (pixel, then copy, then channel; of a row, those that lie
/// whole strides apart are neighbours), so that pixels a fixed distance apart are the same memory further on.
template <class T> class PixelPanel {
public:
  /// @param copies  as many fit in
  PixelPanel(const LayerInput& like, std::int64_t copies, const std::vector<Shift>& shifts);

  [[nodiscard]] std::int64_t copies() const { return copies_; }
  [[nodiscard]] std::int64_t filled() const { return filled_; }
  void clear() { filled_ = 0; }

  /// Appends `count` copies of the input from its `first` on.
  void append(const LayerInput& input, std::int64_t first, std::int64_t count);

  /// Adds the products of one term in one tile to the sums (TileSums::add). @param products  [tile size], zeros, and left so
  void multiply(std::size_t tile, std::size_t shift, std::size_t number, const Term& term, TileSums& sums,
                std::vector<T>& products) const;

private:
  [[nodiscard]] std::int64_t pixel(std::int64_t z, std::int64_t y, std::int64_t x) const {
    return (z * extents_[1] + y) * extents_[2] + x;
  }
  void pack(const LayerInput& input, const T* data, std::int64_t sliver, std::int64_t count);

  std::array<std::int64_t, 3> extents_;
  std::int64_t copies_;
  std::int64_t step_;                ///< along x
  std::vector<std::int64_t> places_; ///< of each pixel among the packed ones, -1 where no term sees it
  linalg::Slivers<T> packed_;        ///< [channels, packed pixels * copies]
  std::int64_t filled_ = 0;          ///< copies
};

extern template class PixelPanel<float>;
extern template class PixelPanel<double>;

} // namespace spade::statistics
