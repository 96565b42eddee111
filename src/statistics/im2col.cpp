// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "im2col.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include <spade/core/parallel.hpp>

namespace spade::statistics {
namespace {

// No offset of an element: views may have negative strides.
constexpr std::int64_t padding = std::numeric_limits<std::int64_t>::min();

/// A kernel of one element that moves by one pixel sees a map whose rows lie one behind the other as one row.
LayerInput in_one_row(const LayerInput& input, const Window3& window) {
  const std::array<std::int64_t, 3> one{1, 1, 1};
  const auto& [depth, height, width] = input.extents;
  const bool gapless = input.strides[1] == width * input.strides[2] &&
                       (depth == 1 || input.strides[0] == height * input.strides[1]);
  if (window.elements() > 1 || window.stride != one || input.outputs != input.extents || !gapless)
    return input;
  LayerInput row = input;
  row.extents = row.outputs = {1, 1, depth * height * width};
  return row;
}

} // namespace

template <class T>
std::vector<std::int64_t> Im2col<T>::drawn_sources(const LayerInput& input, std::int64_t first_copy,
                                                   std::int64_t begin, std::int64_t count) const {
  std::vector<std::int64_t> sources(static_cast<std::size_t>(window_.elements() * count));
  std::vector<std::int64_t> drawn;
  for (std::int64_t done = 0; done < count;) {
    const std::int64_t copy = (begin + done) / sampling_.per_copy;
    sampling_.draw(first_copy + copy, input.positions(), drawn);
    const std::int64_t p0 = begin + done - copy * sampling_.per_copy;
    const std::int64_t p1 = std::min(sampling_.per_copy, p0 + count - done);
    for (std::int64_t p = p0; p < p1; ++p, ++done) {
      const auto out = input.output(drawn[static_cast<std::size_t>(p)]);
      for (std::int64_t element = 0; element < window_.elements(); ++element) {
        std::int64_t offset = copy * input.copy_stride;
        bool inside = true;
        for (std::size_t d = 0; d < 3; ++d) {
          const std::int64_t at = window_.source(d, out[d], element);
          inside = inside && at >= 0 && at < input.extents[d];
          offset += at * input.strides[d];
        }
        sources[static_cast<std::size_t>(element * count + done)] = inside ? offset : padding;
      }
    }
  }
  return sources;
}

template <class T>
void Im2col<T>::write(const LayerInput& given, std::int64_t first_copy, std::int64_t begin,
                      std::int64_t count, T* panel, std::int64_t row_stride) const {
  const LayerInput input = in_one_row(given, window_);
  const std::int64_t per_copy = this->per_copy(input);
  const std::int64_t first = begin / per_copy;
  const std::int64_t last = (begin + count - 1) / per_copy;
  std::vector<std::int64_t> sources;
  if (sampling_.per_copy > 0) sources = drawn_sources(input, first_copy, begin, count);
  const std::int64_t elements = window_.elements();
  parallel_for(input.channels, std::max<std::int64_t>(1, 16384 / (count * elements)),
               [&](std::int64_t from, std::int64_t to) {
                 for (std::int64_t channel = from; channel < to; ++channel) {
                   const T* plane = input.view.data<T>() + channel * input.channel_stride;
                   for (std::int64_t element = 0; element < elements; ++element) {
                     T* row = panel + (channel * elements + element) * row_stride;
                     if (sampling_.per_copy > 0) {
                       const std::int64_t* source = sources.data() + element * count;
                       for (std::int64_t p = 0; p < count; ++p)
                         row[p] = source[p] == padding ? T{0} : plane[source[p]];
                       continue;
                     }
                     for (std::int64_t copy = first; copy <= last; ++copy) {
                       const std::int64_t p0 = std::max(begin - copy * per_copy, std::int64_t{0});
                       const std::int64_t p1 = std::min(begin + count - copy * per_copy, per_copy);
                       row = copy_positions(input, plane + copy * input.copy_stride, element, p0, p1, row);
                     }
                   }
                 }
               });
}

template <class T>
T* Im2col<T>::copy_positions(const LayerInput& input, const T* plane, std::int64_t element, std::int64_t p0,
                             std::int64_t p1, T* row) const {
  while (p0 < p1) {
    const std::int64_t run = std::min(p1 - p0, input.outputs[2] - p0 % input.outputs[2]);
    row = copy_run(input, plane, element, p0, run, row);
    p0 += run;
  }
  return row;
}

// What one element of the kernel sees at `count` positions of one row of outputs.
template <class T>
T* Im2col<T>::copy_run(const LayerInput& input, const T* plane, std::int64_t element, std::int64_t position,
                       std::int64_t count, T* row) const {
  const auto [z, y, x] = input.output(position);
  const std::int64_t in_z = window_.source(0, z, element);
  const std::int64_t in_y = window_.source(1, y, element);
  const std::int64_t in_x = window_.source(2, x, element);
  T* const end = row + count;
  if (in_z < 0 || in_z >= input.extents[0] || in_y < 0 || in_y >= input.extents[1]) {
    std::fill(row, end, T{0});
    return end;
  }
  const std::int64_t step = window_.stride[2];
  // The positions at which the element stands on the input: 0 <= in_x + i step < extent.
  const std::int64_t begin = std::clamp<std::int64_t>((step - 1 - in_x) / step, 0, count);
  const std::int64_t stop =
      std::clamp<std::int64_t>((input.extents[2] - in_x + step - 1) / step, begin, count);
  const std::int64_t stride = step * input.strides[2];
  const T* from = plane + in_z * input.strides[0] + in_y * input.strides[1] + in_x * input.strides[2];
  std::fill(row, row + begin, T{0});
  if (stride == 1) {
    std::copy(from + begin, from + stop, row + begin);
  } else {
    for (std::int64_t i = begin; i < stop; ++i)
      row[i] = from[i * stride];
  }
  std::fill(row + stop, end, T{0});
  return end;
}

template class Im2col<float>;
template class Im2col<double>;

} // namespace spade::statistics
