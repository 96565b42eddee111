// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "augmenters/step_checks.hpp"

#include <algorithm>
#include <cmath>

#include "augmenters/picture_elements.hpp"

namespace spade::augmenters {

void check_probability(double probability, std::string_view step) {
  if (!(probability >= 0 && probability <= 1)) {
    throw InvalidArgument(message(step, ": probability ", probability, " is not in [0, 1]"));
  }
}

void check_range(const Range& range, double most, std::string_view step, std::string_view option) {
  if (!(range.low > 0 && range.low <= range.high && range.high <= most)) {
    throw InvalidArgument(message(step, ": ", option, " from ", range.low, " to ", range.high,
                                  " is not a range within 0 (excluded) and ", most));
  }
}

void check_value(const std::vector<double>& value, std::string_view step) {
  for (const double v : value) {
    if (!std::isfinite(v)) throw InvalidArgument(message(step, ": the value ", v, " is not finite"));
  }
}

void check_picture(const at::Tensor& copy, const InputSpace& space, std::string_view step) {
  if (copy.dim() == 3 && space.shape.size() == 3) return;
  auto shape = space.shape;
  shape.insert(shape.begin(), 1);
  throw ShapeMismatch(
      message(step, " needs a picture, an input [1, channels, height, width]; this sample's input is ",
              spade::shape_text(shape), ". Noise and identity work on any input"));
}

std::string range_text(const Range& range) {
  return message(range.low, "..", range.high);
}

std::optional<Window> random_window(const WindowBounds& picture, const WindowBounds& largest,
                                    const Range& scale, const Range& ratio, RandomStream& stream) {
  const double area = static_cast<double>(picture.height) * static_cast<double>(picture.width);
  for (int attempt = 0; attempt < 10; ++attempt) {
    const double target = area * stream.uniform(scale.low, scale.high);
    const double aspect = std::exp(stream.uniform(std::log(ratio.low), std::log(ratio.high)));
    const auto width = static_cast<std::int64_t>(std::lround(std::sqrt(target * aspect)));
    const auto height = static_cast<std::int64_t>(std::lround(std::sqrt(target / aspect)));
    if (width < 1 || height < 1 || width > largest.width || height > largest.height) continue;
    const auto top = stream.integer(picture.height - height + 1);
    const auto left = stream.integer(picture.width - width + 1);
    return Window{top, left, height, width};
  }
  return std::nullopt;
}

std::vector<double> fill_value(const std::vector<double>& value, std::int64_t channels,
                               const InputSpace& space, std::string_view step) {
  const auto count = static_cast<std::size_t>(channels);
  if (value.empty()) return space.neutral.empty() ? std::vector<double>(count, 0.0) : space.neutral;
  if (value.size() == 1) return std::vector<double>(count, value[0]);
  if (value.size() == count) return value;
  throw ShapeMismatch(message(step, ": ", value.size(), " values for a picture of ", channels, " channels"));
}

void fill(at::Tensor& picture, const Window& window, const std::vector<double>& value) {
  const auto width = picture.size(2);
  with_element_type(picture, [&](auto element) {
    using T = decltype(element);
    T* plane = picture.data_ptr<T>();
    for (const double v : value) {
      for (std::int64_t y = window.top; y < window.top + window.height; ++y) {
        std::fill_n(plane + y * width + window.left, window.width, static_cast<T>(v));
      }
      plane += picture.size(1) * width;
    }
  });
}

} // namespace spade::augmenters
