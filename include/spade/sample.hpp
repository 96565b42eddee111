// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <ATen/core/Tensor.h>

namespace spade {

/// How a picture becomes a network's input: resize the shorter edge, crop the centre, normalise per channel.
///
/// x = (crop(resize(picture)) - mean) / deviation, as torchvision's transforms of these names
/// (torchvision2016). Cost: that of augmenters::resize, and a copy of the result.
struct Preprocess {
  std::int64_t resize =
      0;                 ///< shorter edge in pixels after resizing (bilinear, antialiased); 0 keeps the size
  std::int64_t crop = 0; ///< edge of the central square in pixels; 0 keeps everything
  std::vector<double> mean{};      ///< per channel, in [0, 1] pixel units; empty: no normalisation
  std::vector<double> deviation{}; ///< per channel

  /// ImageNet's mean and deviation, the shorter edge at size * 256 / 224, the central size x size pixels.
  /// @throws InvalidArgument where size is under 1
  [[nodiscard]] static Preprocess imagenet(std::int64_t size = 224);
  /// ImageNet's mean and deviation on the picture as it is.
  [[nodiscard]] static Preprocess imagenet_normalisation();
  /// The pixels as they are.
  [[nodiscard]] static Preprocess none() { return {}; }

  /// [C, H, W] or [N, C, H, W] in [0, 1] -> [N, C, h, w] in the network's space; edges round as
  /// torchvision's.
  /// @throws InvalidArgument where a field is out of range, or what is to be resized is neither float nor
  ///   double
  /// @throws ShapeMismatch where the picture is of another rank, smaller than the crop, or has other channels
  ///   than mean and deviation
  [[nodiscard]] at::Tensor operator()(const at::Tensor& pictures) const;
  /// Only the geometry, [N, C, H, W] -> [N, C, h, w], still pixels. @throws as operator()
  [[nodiscard]] at::Tensor resize_and_crop(const at::Tensor& pictures) const;
  /// Only the last step, (x - mean) / deviation, [N, C, h, w] -> [N, C, h, w]. @throws as operator()
  [[nodiscard]] at::Tensor normalise(const at::Tensor& pictures) const;
};

/// The one sample whose decision is explained: the network's input and, where there is one, the picture it
/// came from.
///
/// With a picture, augmenters crop from its full resolution and change colours in pixel space; without one
/// they work on the input itself. Tensors are shared, not copied, and never written to.
class Sample {
public:
  /// @param input [1, ...], floating point, finite
  /// @throws ShapeMismatch where the first extent is not 1 or there is no other; InvalidArgument where it is
  ///   empty, not floating point or not finite
  explicit Sample(at::Tensor input);

  /// @param picture [C, H, W] in [0, 1], float or double; the input is preprocess(picture)
  /// @throws ShapeMismatch where it is not three-dimensional or empty; InvalidArgument where it is neither
  ///   float nor double, or a value is outside [0, 1] or not finite; what preprocess throws
  Sample(at::Tensor picture, Preprocess preprocess);

  [[nodiscard]] const at::Tensor& input() const { return input_; }
  [[nodiscard]] const std::optional<at::Tensor>& picture() const { return picture_; }
  [[nodiscard]] const Preprocess& preprocess() const { return preprocess_; }

  /// What the network sees of the picture: resized and cropped, not yet normalised, [C, h, w] in [0, 1] with
  /// the input's extents; none where there is no picture. It is computed anew in each call.
  [[nodiscard]] std::optional<at::Tensor> seen_picture() const;

private:
  at::Tensor input_;
  std::optional<at::Tensor> picture_;
  Preprocess preprocess_;
};

} // namespace spade
