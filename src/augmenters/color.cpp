// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/augmenters/color.hpp>

#include <cmath>

#include "augmenters/color_kernels.hpp"
#include "augmenters/picture_elements.hpp"

namespace spade::augmenters {
namespace {

// A copy of the picture to work on, checked.
at::Tensor colour_copy(const at::Tensor& picture, double factor, std::string_view who) {
  const auto elements = picture_elements(picture, who);
  if (elements.dim() != 3 || (elements.size(0) != 1 && elements.size(0) != 3)) {
    throw ShapeMismatch(
        message(who, ": colours change in a picture [1 or 3, height, width], not ", shape_text(picture)));
  }
  if (!std::isfinite(factor) || factor < 0)
    throw InvalidArgument(message(who, ": the factor ", factor, " is not at least 0"));
  return elements.clone();
}

template <class Kernel> at::Tensor changed(at::Tensor copy, const at::Device& device, const Kernel& kernel) {
  with_element_type(copy, [&](auto element) { kernel(copy.data_ptr<decltype(element)>(), element); });
  return copy.to(device);
}

} // namespace

at::Tensor adjust_brightness(const at::Tensor& picture, double factor) {
  auto copy = colour_copy(picture, factor, "adjust_brightness");
  const auto elements = copy.numel();
  return changed(std::move(copy), picture.device(),
                 [&]<class T>(T* data, T) { kernels::brightness(data, elements, static_cast<T>(factor)); });
}

at::Tensor adjust_contrast(const at::Tensor& picture, double factor) {
  auto copy = colour_copy(picture, factor, "adjust_contrast");
  const auto channels = copy.size(0);
  const auto pixels = copy.numel() / channels;
  return changed(std::move(copy), picture.device(), [&]<class T>(T* data, T) {
    kernels::contrast(data, channels, pixels, static_cast<T>(factor));
  });
}

at::Tensor adjust_saturation(const at::Tensor& picture, double factor) {
  auto copy = colour_copy(picture, factor, "adjust_saturation");
  if (copy.size(0) == 1) return copy.to(picture.device());
  const auto pixels = copy.numel() / 3;
  return changed(std::move(copy), picture.device(),
                 [&]<class T>(T* data, T) { kernels::saturation(data, pixels, static_cast<T>(factor)); });
}

at::Tensor adjust_hue(const at::Tensor& picture, double turn) {
  const double within = turn - std::floor(turn);
  auto copy = colour_copy(picture, within, "adjust_hue");
  if (copy.size(0) == 1) return copy.to(picture.device());
  const auto pixels = copy.numel() / 3;
  return changed(std::move(copy), picture.device(),
                 [&]<class T>(T* data, T) { kernels::hue(data, pixels, static_cast<T>(within)); });
}

} // namespace spade::augmenters
