// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/sample.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

#include <spade/augmenters/resample.hpp>

#include "augmenters/picture_elements.hpp"

namespace spade {
namespace {

using augmenters::shape_text;

void check_fields(const Preprocess& p) {
  if (p.resize < 0 || p.crop < 0) {
    throw InvalidArgument(message("Preprocess: resize ", p.resize, " and crop ", p.crop,
                                  " are pixels, at least 1, or 0 to leave the step out"));
  }
  if (p.mean.size() != p.deviation.size()) {
    throw InvalidArgument(message("Preprocess: ", p.mean.size(), " means but ", p.deviation.size(),
                                  " deviations; give one of each per channel, or neither"));
  }
  for (std::size_t c = 0; c < p.mean.size(); ++c) {
    if (!std::isfinite(p.mean[c]) || !std::isfinite(p.deviation[c]) || p.deviation[c] <= 0) {
      throw InvalidArgument(message("Preprocess: channel ", c, " has mean ", p.mean[c], " and deviation ",
                                    p.deviation[c], "; both are finite and a deviation is over 0"));
    }
  }
}

// The nearest integer to the half of n, halves to the even one, as torchvision centres its crops.
std::int64_t half(std::int64_t n) {
  return n % 4 == 3 ? n / 2 + 1 : n / 2;
}

at::Tensor with_batch(const at::Tensor& pictures) {
  if (!pictures.defined() || (pictures.dim() != 3 && pictures.dim() != 4)) {
    throw ShapeMismatch(message("Preprocess: pictures are [C, H, W] or [N, C, H, W], not ",
                                pictures.defined() ? shape_text(pictures) : "an undefined tensor"));
  }
  return pictures.dim() == 3 ? pictures.unsqueeze(0) : pictures;
}

void check_finite(const at::Tensor& tensor, const char* what) {
  const auto finite = tensor.isfinite();
  if (!finite.all().item<bool>()) {
    throw InvalidArgument(message("Sample: ", what, " has ", finite.logical_not().sum().item<std::int64_t>(),
                                  " of ", tensor.numel(), " values that are NaN or infinite"));
  }
}

} // namespace

Preprocess Preprocess::imagenet(std::int64_t size) {
  if (size < 1)
    throw InvalidArgument(message("Preprocess::imagenet: a size of ", size, " pixels is under 1"));
  auto preprocess = imagenet_normalisation();
  preprocess.resize = size * 256 / 224;
  preprocess.crop = size;
  return preprocess;
}

Preprocess Preprocess::imagenet_normalisation() {
  return {.resize = 0, .crop = 0, .mean = {0.485, 0.456, 0.406}, .deviation = {0.229, 0.224, 0.225}};
}

at::Tensor Preprocess::operator()(const at::Tensor& pictures) const {
  return normalise(resize_and_crop(pictures));
}

at::Tensor Preprocess::resize_and_crop(const at::Tensor& pictures) const {
  check_fields(*this);
  auto result = with_batch(pictures);
  if (resize > 0) {
    const auto height = result.size(2);
    const auto width = result.size(3);
    const auto shorter = std::max<std::int64_t>(1, std::min(height, width));
    // The longer edge rounds down.
    result = augmenters::resize(result, height <= width ? resize : resize * height / shorter,
                                width <= height ? resize : resize * width / shorter);
  }
  if (crop > 0) {
    const auto height = result.size(2);
    const auto width = result.size(3);
    if (height < crop || width < crop) {
      throw ShapeMismatch(message("Preprocess: the central ", crop, " x ", crop, " pixels of a picture of ",
                                  height, " x ", width, "; set resize to at least ", crop));
    }
    result = result.slice(2, half(height - crop), half(height - crop) + crop)
                 .slice(3, half(width - crop), half(width - crop) + crop);
  }
  return result;
}

at::Tensor Preprocess::normalise(const at::Tensor& pictures) const {
  check_fields(*this);
  const auto batch = with_batch(pictures);
  if (mean.empty()) return batch.contiguous();
  const auto channels = static_cast<std::int64_t>(mean.size());
  if (batch.size(1) != channels) {
    throw ShapeMismatch(message("Preprocess: ", channels, " means and deviations for pictures with ",
                                batch.size(1), " channels, shape ", shape_text(batch)));
  }
  const auto per_channel = [&](const std::vector<double>& values) {
    return at::tensor(values, at::kDouble).to(batch.options()).view({1, channels, 1, 1});
  };
  return batch.sub(per_channel(mean)).div_(per_channel(deviation)).contiguous();
}

Sample::Sample(at::Tensor input) {
  if (!input.defined() || input.dim() < 2 || input.size(0) != 1) {
    throw ShapeMismatch(message("Sample: the input is one sample, [1, ...], not ",
                                input.defined() ? shape_text(input) : "an undefined tensor",
                                "; explain a batch sample by sample"));
  }
  if (input.numel() == 0)
    throw InvalidArgument(message("Sample: the input ", shape_text(input), " is empty"));
  if (!input.is_floating_point()) {
    throw InvalidArgument(
        message("Sample: the input is floating point, not ", c10::toString(input.scalar_type())));
  }
  check_finite(input, "the input");
  input_ = input.detach();
}

Sample::Sample(at::Tensor picture, Preprocess preprocess) : preprocess_(std::move(preprocess)) {
  if (!picture.defined() || picture.dim() != 3 || picture.numel() == 0) {
    throw ShapeMismatch(
        message("Sample: a picture is [channels, height, width] with at least one pixel, not ",
                picture.defined() ? shape_text(picture) : "an undefined tensor"));
  }
  if (picture.scalar_type() != at::kFloat && picture.scalar_type() != at::kDouble) {
    throw InvalidArgument(message("Sample: a picture is float or double in [0, 1], not ",
                                  c10::toString(picture.scalar_type()), "; divide bytes by 255"));
  }
  check_finite(picture, "the picture");
  const auto low = picture.min().item<double>();
  const auto high = picture.max().item<double>();
  if (low < 0 || high > 1) {
    throw InvalidArgument(
        message("Sample: the picture's values lie in [", low, ", ", high,
                "] instead of [0, 1]; divide bytes by 255, and pass normalised pictures as an input"));
  }
  picture_ = picture.detach();
  input_ = preprocess_(*picture_);
}

std::optional<at::Tensor> Sample::seen_picture() const {
  if (!picture_) return std::nullopt;
  // Interpolation keeps to [0, 1] but for rounding.
  return preprocess_.resize_and_crop(*picture_)[0].clamp(0, 1);
}

} // namespace spade
