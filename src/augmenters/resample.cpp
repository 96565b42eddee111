// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/augmenters/resample.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

#include "augmenters/picture_elements.hpp"

namespace spade::augmenters {
namespace {

// For each output pixel of one axis: the same number of weights, of consecutive input pixels from `first` on.
template <class T> struct Filter {
  std::int64_t taps = 0;
  std::vector<std::int64_t> first;
  std::vector<T> weights; // [outputs, taps], zero where an output needs fewer
};

template <class T> Filter<T> triangle_filter(std::int64_t inputs, std::int64_t outputs) {
  const double scale = static_cast<double>(inputs) / static_cast<double>(outputs);
  const double reach = std::max(scale, 1.0);
  Filter<T> filter;
  filter.taps = std::min(inputs, static_cast<std::int64_t>(std::ceil(reach)) * 2 + 1);
  filter.first.resize(static_cast<std::size_t>(outputs));
  filter.weights.assign(static_cast<std::size_t>(outputs * filter.taps), T{0});
  for (std::int64_t i = 0; i < outputs; ++i) {
    const double centre = scale * (static_cast<double>(i) + 0.5);
    const auto begin = std::max(std::int64_t{0}, static_cast<std::int64_t>(centre - reach + 0.5));
    const auto end = std::min(inputs, static_cast<std::int64_t>(centre + reach + 0.5));
    const auto first = std::min(begin, inputs - filter.taps);
    auto* weights = filter.weights.data() + i * filter.taps;
    double total = 0;
    for (std::int64_t j = begin; j < end; ++j) {
      const double weight = std::max(0.0, 1.0 - std::abs((static_cast<double>(j) + 0.5 - centre) / reach));
      weights[j - first] = static_cast<T>(weight);
      total += weight;
    }
    for (std::int64_t j = 0; j < filter.taps; ++j)
      weights[j] = static_cast<T>(weights[j] / total);
    filter.first[static_cast<std::size_t>(i)] = first;
  }
  return filter;
}

// One output row: first the weighted sum of input rows (consecutive elements, so it vectorises), then across.
template <class T>
void resample_plane(const T* plane, std::int64_t stride, std::int64_t width, const Filter<T>& down,
                    const Filter<T>& across, std::vector<T>& row, T* output) {
  const auto outputs = static_cast<std::int64_t>(across.first.size());
  for (std::size_t y = 0; y < down.first.size(); ++y) {
    std::fill(row.begin(), row.end(), T{0});
    for (std::int64_t tap = 0; tap < down.taps; ++tap) {
      const T weight = down.weights[y * static_cast<std::size_t>(down.taps) + static_cast<std::size_t>(tap)];
      if (weight == T{0}) continue;
      const T* input = plane + (down.first[y] + tap) * stride;
      for (std::int64_t x = 0; x < width; ++x)
        row[static_cast<std::size_t>(x)] += weight * input[x];
    }
    const T* weights = across.weights.data();
    for (std::int64_t x = 0; x < outputs; ++x, weights += across.taps) {
      const T* input = row.data() + across.first[static_cast<std::size_t>(x)];
      T sum{0};
      for (std::int64_t tap = 0; tap < across.taps; ++tap)
        sum += weights[tap] * input[tap];
      *output++ = sum;
    }
  }
}

template <class T> void resample(const at::Tensor& from, const Window& window, at::Tensor& to) {
  const auto height = from.size(-2);
  const auto width = from.size(-1);
  const auto down = triangle_filter<T>(window.height, to.size(-2));
  const auto across = triangle_filter<T>(window.width, to.size(-1));
  std::vector<T> row(static_cast<std::size_t>(window.width));
  const T* input = from.data_ptr<T>() + window.top * width + window.left;
  T* output = to.data_ptr<T>();
  for (std::int64_t plane = 0; plane < from.numel() / (height * width); ++plane) {
    resample_plane(input, width, window.width, down, across, row, output);
    input += height * width;
    output += to.size(-2) * to.size(-1);
  }
}

} // namespace

at::Tensor resize(const at::Tensor& picture, std::int64_t height, std::int64_t width) {
  const auto elements = picture_elements(picture, "resize");
  return resized_crop(picture, {0, 0, elements.size(-2), elements.size(-1)}, height, width);
}

at::Tensor resized_crop(const at::Tensor& picture, const Window& window, std::int64_t height,
                        std::int64_t width) {
  const auto from = picture_elements(picture, "resized_crop");
  if (height < 1 || width < 1) {
    throw InvalidArgument(
        message("resized_crop: a picture of ", height, " x ", width, " pixels has no pixel"));
  }
  const bool inside = window.top >= 0 && window.left >= 0 && window.height >= 1 && window.width >= 1 &&
                      window.top <= from.size(-2) - window.height &&
                      window.left <= from.size(-1) - window.width;
  if (!inside) {
    throw InvalidArgument(message("resized_crop: the window of ", window.height, " x ", window.width,
                                  " pixels at (", window.top, ", ", window.left,
                                  ") is not inside the picture of ", from.size(-2), " x ", from.size(-1)));
  }
  if (window.height == height && window.width == width) {
    return from.slice(-2, window.top, window.top + height)
        .slice(-1, window.left, window.left + width)
        .to(picture.device());
  }
  auto shape = from.sizes().vec();
  shape[shape.size() - 2] = height;
  shape[shape.size() - 1] = width;
  auto to = at::empty(shape, from.options());
  with_element_type(from, [&](auto element) { resample<decltype(element)>(from, window, to); });
  return to.to(picture.device());
}

} // namespace spade::augmenters
