// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "tile_sums.hpp"

#include <algorithm>
#include <utility>

#include <spade/core/parallel.hpp>

namespace spade::statistics {
namespace {

std::vector<ElementPair> pairs_of(const StretchBox& box, const Window3& window) {
  std::vector<ElementPair> pairs;
  for_pairs_of_box(box, window.kernel, [&](std::int64_t u, std::int64_t v) { pairs.push_back({u, v}); });
  return pairs;
}

} // namespace

std::vector<Shift> shifts_of(const Window3& window, const LayerInput& input) {
  const auto groups = boxes_by_shift(window, input);
  const bool listed = window.elements() <= most_listed_elements;
  std::vector<Shift> shifts(groups.size());
  for (std::size_t k = 0; k < groups.size(); ++k) {
    for (const auto& box : groups[k]) {
      auto pairs = listed ? pairs_of(box, window) : std::vector<ElementPair>{};
      shifts[k].push_back({box, std::move(pairs), k < groups.size() / 2, 1});
    }
  }
  return shifts;
}

TileSums::TileSums(const Layer& layer, const Window3& window, std::int64_t height,
                   const std::vector<Shift>& shifts)
    : depthwise_(layer.groups() > 1), kernel_(window.kernel), elements_(window.elements()),
      columns_(layer.columns()), channels_(layer.groups() * layer.columns() / window.elements()),
      height_(height) {
  const std::int64_t slivers = (channels_ + height - 1) / height;
  for (std::int64_t i = 0; i < slivers; ++i) {
    for (std::int64_t j = depthwise_ ? i : 0; j <= i; ++j)
      tiles_.push_back({i, j});
  }
  const auto pairs = static_cast<std::size_t>(elements_ * elements_);
  for (const auto& shift : shifts) {
    first_slots_.push_back(slots_);
    slots_ += shift.size();
  }
  by_term_ = elements_ <= most_listed_elements && slots_ <= pairs;
  if (by_term_) {
    slots_of_pairs_.resize(pairs);
    for (std::size_t k = 0; k < shifts.size(); ++k) {
      for (std::size_t term = 0; term < shifts[k].size(); ++term) {
        for_pairs(shifts[k][term], [&](std::int64_t u, std::int64_t v) {
          slots_of_pairs_[static_cast<std::size_t>(u * elements_ + v)].push_back(first_slots_[k] + term);
        });
      }
    }
  } else {
    slots_ = pairs;
  }
  sums_.resize(position(tiles_.size(), 0));
}

void TileSums::finish(std::span<double> grams, double factor, std::span<const double> norms) const {
  parallel_for(static_cast<std::int64_t>(tiles_.size()), 1, [&](std::int64_t from, std::int64_t to) {
    std::vector<double> block(static_cast<std::size_t>(tile_size()));
    for (auto number = static_cast<std::size_t>(from); number < static_cast<std::size_t>(to); ++number) {
      const Tile& tile = tiles_[number];
      const bool diagonal = tile.i == tile.j;
      for (std::int64_t u = 0; u < elements_; ++u) {
        for (std::int64_t v = diagonal ? u : 0; v < elements_; ++v) {
          gather(number, u, v, norms, block);
          if (depthwise_) {
            unpack_depthwise(tile.i, u, v, block, factor, grams);
          } else if (diagonal) {
            unpack_diagonal(tile.i, u, v, block, factor, grams);
          } else {
            unpack(tile, u, v, block, factor, grams);
          }
        }
      }
    }
  });
}

std::int64_t TileSums::rows_of(std::int64_t sliver) const {
  return std::min(height_, channels_ - sliver * height_);
}

void TileSums::gather(std::size_t tile, std::int64_t u, std::int64_t v, std::span<const double> norms,
                      std::vector<double>& block) const {
  const auto pair = static_cast<std::size_t>(u * elements_ + v);
  std::fill(block.begin(), block.end(), 0.0);
  const auto add = [&](std::size_t slot) {
    const double* sum = sums_.data() + position(tile, slot);
    for (double& value : block)
      value += *sum++;
  };
  if (by_term_) {
    for (const auto slot : slots_of_pairs_[pair])
      add(slot);
  } else {
    add(pair);
  }
  if (norms.empty()) return;
  const auto [i, j] = tiles_[tile];
  const auto norm = [&](std::int64_t sliver, std::int64_t row, std::int64_t element) {
    return norms[static_cast<std::size_t>((sliver * height_ + row) * elements_ + element)];
  };
  for (std::int64_t r = 0; r < rows_of(i); ++r) {
    for (std::int64_t s = 0; s < rows_of(j); ++s) {
      double& value = block[static_cast<std::size_t>(r * height_ + s)];
      if (i == j && u == v && r == s) {
        value = norm(i, r, u);
      } else if (norm(i, r, u) == 0 || norm(j, s, v) == 0) {
        value = 0;
      }
    }
  }
}

void TileSums::unpack_depthwise(std::int64_t i, std::int64_t u, std::int64_t v,
                                const std::vector<double>& block, double factor,
                                std::span<double> grams) const {
  for (std::int64_t r = 0; r < rows_of(i); ++r) {
    double* gram = grams.data() + (i * height_ + r) * columns_ * columns_;
    gram[v * columns_ + u] += factor * block[static_cast<std::size_t>(r)];
  }
}

void TileSums::unpack(const Tile& tile, std::int64_t u, std::int64_t v, const std::vector<double>& block,
                      double factor, std::span<double> gram) const {
  const auto [i, j] = tile;
  for (std::int64_t r = 0; r < rows_of(i); ++r) {
    const double* from = block.data() + r * height_;
    double* row = gram.data() + ((i * height_ + r) * elements_ + u) * columns_ + j * height_ * elements_;
    for (std::int64_t s = 0; s < rows_of(j); ++s)
      row[s * elements_ + v] += factor * from[s];
  }
}

/// A diagonal tile has each entry once: those of u < v wherever they fall, those of u = v in both triangles.
void TileSums::unpack_diagonal(std::int64_t i, std::int64_t u, std::int64_t v,
                               const std::vector<double>& block, double factor,
                               std::span<double> gram) const {
  for (std::int64_t r = 0; r < rows_of(i); ++r) {
    const double* from = block.data() + r * height_;
    const std::int64_t row = (i * height_ + r) * elements_ + u;
    for (std::int64_t s = 0; s < (u == v ? r + 1 : rows_of(i)); ++s) {
      const std::int64_t column = (i * height_ + s) * elements_ + v;
      gram[static_cast<std::size_t>(std::max(row, column) * columns_ + std::min(row, column))] +=
          factor * from[s];
    }
  }
}

} // namespace spade::statistics
