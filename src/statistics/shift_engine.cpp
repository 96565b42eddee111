// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// The Gram matrix of a convolution without im2col. H[(c,u),(c',v)] is a sum over pixels a of x_c[a] x_c'[a +
// v - u]: pairs of kernel elements with the same difference share it, but for the pixels at the border. A 3 x
// 3 kernel has 25 differences for 81 pairs, and zeros of the padding are never multiplied. Every pixel is
// packed once (pixel, then copy, then channel), and a shifted plane is the same memory further on.
#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include <spade/core/parallel.hpp>
#include <spade/linalg/slivers.hpp>

#include "engine.hpp"
#include "stretches.hpp"

namespace spade::statistics {
namespace {

/// Pixels times copies that are packed together, where the map is not larger already.
constexpr std::int64_t panel_columns = 4096;
/// With a stride, the copies of one pixel are all that lies together; a product of fewer is not worth its
/// call.
constexpr std::int64_t least_run = 32;
/// The panel's size in elements that such runs may cost.
constexpr std::int64_t most_elements = std::int64_t{1} << 23;
/// Multiply-adds that take as long as bringing one element into a panel: from a run of positions, and from a drawn
/// one, which has to be looked up. Measured (docs/performance.md).
constexpr double moved_element = 200;
constexpr double drawn_element = 300;
/// Columns per product: two slivers of them fit into the first-level cache.
constexpr std::int64_t slice = 128;

std::int64_t pixels(const LayerInput& input) {
  return input.extents[0] * input.extents[1] * input.extents[2];
}

std::int64_t panel_copies(const Window3& window, const LayerInput& input, std::int64_t copies) {
  std::int64_t wanted = (panel_columns + pixels(input) - 1) / pixels(input);
  if (window.stride[2] > 1) {
    const std::int64_t affordable = most_elements / (pixels(input) * input.channels);
    wanted = std::max(wanted, std::min(least_run, affordable));
  }
  return copies > 0 ? std::min(wanted, copies) : wanted;
}

template <class T> class ShiftEngine final : public Engine {
public:
  ShiftEngine(const Layer& layer, const Window3& window, const LayerInput& like, std::int64_t copies)
      : window_(window), depthwise_(layer.groups() > 1), columns_(layer.columns()), extents_(like.extents),
        pixels_(pixels(like)), panel_copies_(panel_copies(window, like, copies)),
        boxes_(boxes_by_shift(window, like)), panel_(like.channels, pixels_ * panel_copies_),
        height_(panel_.height()),
        sums_(static_cast<std::size_t>(tiles() * elements() * elements() * tile_size())) {}

  void add(const LayerInput& input, std::int64_t /*first_copy*/) override {
    for (std::int64_t done = 0; done < input.copies;) {
      const std::int64_t take = std::min(panel_copies_ - filled_, input.copies - done);
      pack(input, done, take);
      done += take;
      filled_ += take;
      // Panels end at fixed copies, whatever the chunks: that is what makes the bits independent of them.
      if (filled_ == panel_copies_) update();
    }
  }

  void finish(std::span<double> sums, double factor) override {
    if (filled_ > 0) update();
    const auto pairs = tile_pairs();
    parallel_for(static_cast<std::int64_t>(pairs.size()), 1, [&](std::int64_t from, std::int64_t to) {
      for (std::int64_t task = from; task < to; ++task) {
        const auto [i, j] = pairs[static_cast<std::size_t>(task)];
        if (depthwise_) {
          unpack_depthwise(i, sums, factor);
        } else if (i == j) {
          unpack_diagonal(i, sums, factor);
        } else {
          unpack(i, j, sums, factor);
        }
      }
    });
  }

private:
  [[nodiscard]] std::int64_t elements() const { return window_.elements(); }
  [[nodiscard]] std::int64_t tiles() const {
    return depthwise_ ? panel_.count() : panel_.count() * (panel_.count() + 1) / 2;
  }
  /// The slivers i and j <= i of every tile.
  [[nodiscard]] std::vector<std::array<std::int64_t, 2>> tile_pairs() const {
    std::vector<std::array<std::int64_t, 2>> pairs;
    for (std::int64_t i = 0; i < panel_.count(); ++i) {
      for (std::int64_t j = depthwise_ ? i : 0; j <= i; ++j)
        pairs.push_back({i, j});
    }
    return pairs;
  }
  [[nodiscard]] std::int64_t tile_size() const { return depthwise_ ? height_ : height_ * height_; }
  /// Sums of slivers i and j <= i for kernel elements u and v.
  [[nodiscard]] double* block(std::int64_t i, std::int64_t j, std::int64_t u, std::int64_t v) {
    const std::int64_t tile = depthwise_ ? i : i * (i + 1) / 2 + j;
    return sums_.data() + ((tile * elements() + u) * elements() + v) * tile_size();
  }

  void pack(const LayerInput& input, std::int64_t first, std::int64_t count) {
    const T* data = input.view.template data<T>() + first * input.copy_stride;
    parallel_for(panel_.count(), std::max<std::int64_t>(1, 65536 / (pixels_ * count * height_)),
                 [&](std::int64_t from, std::int64_t to) {
                   for (std::int64_t sliver = from; sliver < to; ++sliver)
                     pack_sliver(input, data + sliver * height_ * input.channel_stride, sliver, count);
                 });
  }

  void pack_sliver(const LayerInput& input, const T* data, std::int64_t sliver, std::int64_t count) {
    const std::int64_t rows = panel_.rows_of(sliver);
    std::int64_t position = filled_;
    for (std::int64_t z = 0; z < input.extents[0]; ++z) {
      for (std::int64_t y = 0; y < input.extents[1]; ++y) {
        const T* row = data + z * input.strides[0] + y * input.strides[1];
        if (panel_copies_ == 1) { // then pixels are neighbours
          panel_.pack(sliver, position,
                      {row, rows, input.extents[2], input.channel_stride, input.strides[2]});
          position += input.extents[2];
          continue;
        }
        for (std::int64_t x = 0; x < input.extents[2]; ++x, position += panel_copies_) {
          panel_.pack(sliver, position,
                      {row + x * input.strides[2], rows, count, input.channel_stride, input.copy_stride});
        }
      }
    }
  }

  /// Adds the panel's products to the sums. A task is one tile and one shift, so no two write to the same
  /// block.
  void update() {
    const auto shifts = static_cast<std::int64_t>(boxes_.size());
    const auto pairs = tile_pairs();
    parallel_for(static_cast<std::int64_t>(pairs.size()) * shifts, 1,
                 [&](std::int64_t from, std::int64_t to) {
                   std::vector<T> tile(static_cast<std::size_t>(tile_size()));
                   for (std::int64_t task = from; task < to; ++task) {
                     const auto [i, j] = pairs[static_cast<std::size_t>(task / shifts)];
                     // In a diagonal tile the opposite shift is the transpose.
                     if (i == j && task % shifts < shifts / 2) continue;
                     for (const auto& box : boxes_[static_cast<std::size_t>(task % shifts)])
                       multiply(i, j, box, tile);
                   }
                 });
    filled_ = 0;
  }

  void multiply(std::int64_t i, std::int64_t j, const StretchBox& box, std::vector<T>& tile) {
    const auto& [z, y, x] = box;
    const std::int64_t shift = ((z.shift * extents_[1] + y.shift) * extents_[2] + x.shift) * panel_copies_;
    // In a full panel, neighbouring pixels are one run.
    const bool joined = x.step == 1 && filled_ == panel_copies_;
    const std::int64_t runs = joined ? 1 : x.count;
    const std::int64_t length = joined ? x.count * panel_copies_ : filled_;
    std::fill(tile.begin(), tile.end(), T{0});
    std::int64_t summed = 0;
    for (std::int64_t in_z = 0; in_z < z.count; ++in_z) {
      for (std::int64_t in_y = 0; in_y < y.count; ++in_y) {
        const std::int64_t row = (z.first + in_z * z.step) * extents_[1] + y.first + in_y * y.step;
        for (std::int64_t run = 0; run < runs; ++run) {
          const std::int64_t begin = (row * extents_[2] + x.first + run * x.step) * panel_copies_;
          for (std::int64_t k = 0; k < length; k += slice) {
            const std::int64_t depth = std::min(slice, length - k);
            if (depthwise_) {
              panel_.multiply_add_rows(i, begin + k, begin + k + shift, depth, tile.data());
            } else {
              panel_.multiply_add(i, begin + k, j, begin + k + shift, depth, tile.data());
            }
          }
        }
        summed += runs * length;
        if (summed >= panel_columns) {
          add_tile(i, j, box, tile);
          summed = 0;
        }
      }
    }
    if (summed > 0) add_tile(i, j, box, tile);
  }

  /// Adds a tile to the sums of all pairs of kernel elements that share it, and clears it.
  void add_tile(std::int64_t i, std::int64_t j, const StretchBox& box, std::vector<T>& tile) {
    for (const auto& [z_u, z_v] : box[0].pairs) {
      for (const auto& [y_u, y_v] : box[1].pairs) {
        for (const auto& [x_u, x_v] : box[2].pairs) {
          const std::int64_t u = (z_u * window_.kernel[1] + y_u) * window_.kernel[2] + x_u;
          const std::int64_t v = (z_v * window_.kernel[1] + y_v) * window_.kernel[2] + x_v;
          double* sum = block(i, j, u, v);
          for (const T value : tile)
            *sum++ += static_cast<double>(value);
        }
      }
    }
    std::fill(tile.begin(), tile.end(), T{0});
  }

  void unpack_depthwise(std::int64_t i, std::span<double> sums, double factor) {
    for (std::int64_t r = 0; r < panel_.rows_of(i); ++r) {
      double* gram = sums.data() + (i * height_ + r) * columns_ * columns_;
      for (std::int64_t u = 0; u < columns_; ++u) {
        for (std::int64_t v = u; v < columns_; ++v)
          gram[v * columns_ + u] += factor * block(i, i, u, v)[r];
      }
    }
  }

  void unpack(std::int64_t i, std::int64_t j, std::span<double> sums, double factor) {
    const std::int64_t side = elements();
    for (std::int64_t r = 0; r < panel_.rows_of(i); ++r) {
      for (std::int64_t u = 0; u < side; ++u) {
        double* row = sums.data() + ((i * height_ + r) * side + u) * columns_ + j * height_ * side;
        for (std::int64_t v = 0; v < side; ++v) {
          const double* from = block(i, j, u, v) + r * height_;
          for (std::int64_t s = 0; s < panel_.rows_of(j); ++s)
            row[s * side + v] += factor * from[s];
        }
      }
    }
  }

  /// A diagonal tile has each entry once: those of u < v wherever they fall, those of u = v in both
  /// triangles.
  void unpack_diagonal(std::int64_t i, std::span<double> sums, double factor) {
    const std::int64_t side = elements();
    for (std::int64_t r = 0; r < panel_.rows_of(i); ++r) {
      for (std::int64_t u = 0; u < side; ++u) {
        const std::int64_t row = (i * height_ + r) * side + u;
        for (std::int64_t v = u; v < side; ++v) {
          const double* from = block(i, i, u, v) + r * height_;
          for (std::int64_t s = 0; s < (u == v ? r + 1 : panel_.rows_of(i)); ++s) {
            const std::int64_t column = (i * height_ + s) * side + v;
            sums[static_cast<std::size_t>(std::max(row, column) * columns_ + std::min(row, column))] +=
                factor * from[s];
          }
        }
      }
    }
  }

  Window3 window_;
  bool depthwise_;
  std::int64_t columns_;
  std::array<std::int64_t, 3> extents_;
  std::int64_t pixels_;
  std::int64_t panel_copies_;
  std::vector<std::vector<StretchBox>> boxes_;
  linalg::Slivers<T> panel_; ///< [channels, pixels * panel_copies]
  std::int64_t height_;
  std::int64_t filled_ = 0;  ///< copies in the panel
  std::vector<double> sums_; ///< [tiles, elements, elements, tile size]
};

/// Multiply-adds per copy of all boxes, for one pair of rows.
double shared_products(const Window3& window, const LayerInput& input) {
  double result = 0;
  for (const auto& group : boxes_by_shift(window, input)) {
    for (const auto& [z, y, x] : group)
      result += static_cast<double>(z.count * y.count * x.count);
  }
  return result;
}

} // namespace

bool shift_engine_suits(const Layer& layer, const Window3& window, const LayerInput& input,
                        std::int64_t copies, std::int64_t positions) {
  if (window.elements() == 1) return false;
  if (layer.groups() > 1) return layer.depthwise();
  const bool runs_are_long = window.stride[2] == 1 || panel_copies(window, input, copies) >= least_run / 2;
  // Tiles are whole slivers of rows and of columns, so few channels waste most of one; im2col wastes less of them.
  const std::int64_t height = linalg::Slivers<float>::current_height();
  const auto padded = [height](std::int64_t rows) {
    return static_cast<double>((rows + height - 1) / height * height);
  };
  const double tiles = padded(input.channels) * padded(input.channels);
  const double moving = positions < input.positions() ? drawn_element : moved_element;
  const double columns = (padded(layer.columns()) + moving) * static_cast<double>(layer.columns());
  return runs_are_long &&
         tiles * shared_products(window, input) < 0.9 * columns * static_cast<double>(positions);
}

std::int64_t shift_engine_bytes(const Layer& layer) {
  const std::int64_t elements = layer.columns_per_channel();
  if (elements == 1 || (layer.groups() > 1 && !layer.depthwise())) return 0;
  const std::int64_t bytes = layer.weight.scalar_type() == ScalarType::Float32 ? 4 : 8;
  const std::int64_t height = linalg::Slivers<float>::current_height();
  const std::int64_t slivers = (layer.groups() * layer.columns() / elements + height - 1) / height;
  const std::int64_t sums =
      layer.depthwise() ? slivers * height : slivers * (slivers + 1) / 2 * height * height;
  return bytes * slivers * height * 2 * panel_columns + 8 * sums * elements * elements;
}

std::unique_ptr<Engine> shift_engine(const Layer& layer, const Window3& window, const LayerInput& like,
                                     std::int64_t copies) {
  if (like.view.scalar_type() == ScalarType::Float32) {
    return std::make_unique<ShiftEngine<float>>(layer, window, like, copies);
  }
  return std::make_unique<ShiftEngine<double>>(layer, window, like, copies);
}

} // namespace spade::statistics
