// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/augmenters/random_resized_crop.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include "augmenters/picture_elements.hpp"
#include "augmenters/step_checks.hpp"

namespace spade::augmenters {

RandomResizedCrop::RandomResizedCrop(const Options& options) : options_(options) {
  check_range(options.scale, 1, "RandomResizedCrop", "scale");
  check_range(options.ratio, std::numeric_limits<double>::max(), "RandomResizedCrop", "ratio");
}

Window RandomResizedCrop::window(std::int64_t height, std::int64_t width, RandomStream& stream) const {
  if (height < 1 || width < 1) {
    throw InvalidArgument(
        message("RandomResizedCrop: a picture of ", height, " x ", width, " pixels has no window"));
  }
  const WindowBounds picture{height, width};
  if (const auto window = random_window(picture, picture, options_.scale, options_.ratio, stream))
    return *window;
  const double ratio = static_cast<double>(width) / static_cast<double>(height);
  Window window{0, 0, height, width};
  if (ratio < options_.ratio.low) {
    window.height = std::max<std::int64_t>(1, std::lround(static_cast<double>(width) / options_.ratio.low));
  } else if (ratio > options_.ratio.high) {
    window.width = std::max<std::int64_t>(1, std::lround(static_cast<double>(height) * options_.ratio.high));
  }
  window.top = (height - window.height) / 2;
  window.left = (width - window.width) / 2;
  return window;
}

at::Tensor RandomResizedCrop::operator()(const at::Tensor& copy, RandomStream& stream,
                                         const InputSpace& space) const {
  check_picture(copy, space, "RandomResizedCrop");
  return resized_crop(copy, window(copy.size(1), copy.size(2), stream), space.shape[1], space.shape[2]);
}

std::string RandomResizedCrop::name() const {
  return message("random resized crop (scale ", range_text(options_.scale), ", ratio ",
                 range_text(options_.ratio), ")");
}

} // namespace spade::augmenters
