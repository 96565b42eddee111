// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "pixel_panel.hpp"

#include <algorithm>

#include <spade/core/parallel.hpp>

namespace spade::statistics {
namespace {

/// Columns per product: two slivers of them fit into the first-level cache.
constexpr std::int64_t slice = 128;

/// Numbers the pixels that terms see, those that lie a whole number of strides apart one after the other.
std::vector<std::int64_t> places(const LayerInput& like, const std::vector<Shift>& shifts,
                                 std::int64_t step) {
  const auto& extents = like.extents;
  std::vector<std::int64_t> result(static_cast<std::size_t>(extents[0] * extents[1] * extents[2]), -1);
  const auto at = [&](std::int64_t z, std::int64_t y, std::int64_t x) -> std::int64_t& {
    return result[static_cast<std::size_t>((z * extents[1] + y) * extents[2] + x)];
  };
  for (const auto& shift : shifts) {
    for (const auto& term : shift) {
      // The pixels that the other element sees are those of the opposite shift's term.
      const auto& [z, y, x] = term.box;
      for (std::int64_t in_z = 0; in_z < z.count; ++in_z) {
        for (std::int64_t in_y = 0; in_y < y.count; ++in_y) {
          for (std::int64_t in_x = 0; in_x < x.count; ++in_x)
            at(z.first + in_z * z.step, y.first + in_y * y.step, x.first + in_x * x.step) = 0;
        }
      }
    }
  }
  std::int64_t number = 0;
  for (std::int64_t z = 0; z < extents[0]; ++z) {
    for (std::int64_t y = 0; y < extents[1]; ++y) {
      for (std::int64_t phase = 0; phase < step; ++phase) {
        for (std::int64_t x = phase; x < extents[2]; x += step) {
          if (at(z, y, x) == 0) at(z, y, x) = number++;
        }
      }
    }
  }
  return result;
}

/// How far the kernel moves along x: the same in all boxes.
std::int64_t step_of(const std::vector<Shift>& shifts) {
  for (const auto& shift : shifts) {
    if (!shift.empty()) return shift[0].box[2].step;
  }
  return 1;
}

std::int64_t packed_pixels(const std::vector<std::int64_t>& places) {
  return 1 + *std::max_element(places.begin(), places.end());
}

} // namespace

template <class T>
PixelPanel<T>::PixelPanel(const LayerInput& like, std::int64_t copies, const std::vector<Shift>& shifts)
    : extents_(like.extents), copies_(copies), step_(step_of(shifts)), places_(places(like, shifts, step_)),
      packed_(like.channels, packed_pixels(places_) * copies) {}

template <class T>
void PixelPanel<T>::append(const LayerInput& input, std::int64_t first, std::int64_t count) {
  const T* data = input.view.template data<T>() + first * input.copy_stride;
  const std::int64_t height = packed_.height();
  const auto elements = static_cast<std::int64_t>(places_.size()) * count * height;
  parallel_for(packed_.count(), std::max<std::int64_t>(1, 65536 / elements),
               [&](std::int64_t from, std::int64_t to) {
                 for (std::int64_t sliver = from; sliver < to; ++sliver)
                   pack(input, data + sliver * height * input.channel_stride, sliver, count);
               });
  filled_ += count;
}

template <class T>
void PixelPanel<T>::pack(const LayerInput& input, const T* data, std::int64_t sliver, std::int64_t count) {
  const std::int64_t rows = packed_.rows_of(sliver);
  const std::int64_t* place = places_.data();
  for (std::int64_t z = 0; z < extents_[0]; ++z) {
    for (std::int64_t y = 0; y < extents_[1]; ++y, place += extents_[2]) {
      const T* row = data + z * input.strides[0] + y * input.strides[1];
      if (copies_ > 1) {
        for (std::int64_t x = 0; x < extents_[2]; ++x) {
          if (place[x] < 0) continue;
          packed_.pack(sliver, place[x] * copies_ + filled_,
                       {row + x * input.strides[2], rows, count, input.channel_stride, input.copy_stride});
        }
        continue;
      }
      // Of one copy, pixels are neighbours.
      for (std::int64_t phase = 0; phase < step_; ++phase) {
        for (std::int64_t x = phase; x < extents_[2];) {
          const std::int64_t begin = x;
          std::int64_t run = 0;
          for (; x < extents_[2] && place[x] >= 0; x += step_)
            ++run;
          if (run > 0) {
            packed_.pack(
                sliver, place[begin],
                {row + begin * input.strides[2], rows, run, input.channel_stride, step_ * input.strides[2]});
          } else {
            x += step_;
          }
        }
      }
    }
  }
}

template <class T>
void PixelPanel<T>::multiply(std::size_t tile, std::size_t shift, std::size_t number, const Term& term,
                             TileSums& sums, std::vector<T>& products) const {
  const auto [i, j] = sums.tiles()[tile];
  const auto& [z, y, x] = term.box;
  // In a full panel, a row of the box is one run.
  const bool joined = filled_ == copies_;
  const std::int64_t runs = joined ? 1 : x.count;
  const std::int64_t length = joined ? x.count * copies_ : filled_;
  std::int64_t summed = 0;
  for (std::int64_t in_z = 0; in_z < z.count; ++in_z) {
    for (std::int64_t in_y = 0; in_y < y.count; ++in_y) {
      const std::int64_t one = pixel(z.first + in_z * z.step, y.first + in_y * y.step, x.first);
      const std::int64_t other = one + pixel(z.shift, y.shift, x.shift);
      for (std::int64_t run = 0; run < runs; ++run) {
        const std::int64_t left = places_[static_cast<std::size_t>(one + run * x.step)] * copies_;
        const std::int64_t right = places_[static_cast<std::size_t>(other + run * x.step)] * copies_;
        for (std::int64_t k = 0; k < length; k += slice) {
          const std::int64_t depth = std::min(slice, length - k);
          if (sums.depthwise()) {
            packed_.multiply_add_rows(i, left + k, right + k, depth, products.data());
          } else {
            packed_.multiply_add(i, left + k, j, right + k, depth, products.data());
          }
        }
      }
      summed += runs * length;
      if (summed >= products_in_one_sum) {
        sums.add(tile, shift, number, term, products);
        summed = 0;
      }
    }
  }
  if (summed > 0) sums.add(tile, shift, number, term, products);
}

template class PixelPanel<float>;
template class PixelPanel<double>;

} // namespace spade::statistics
