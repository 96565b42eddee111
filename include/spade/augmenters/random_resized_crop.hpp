// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <spade/augmenters/range.hpp>
#include <spade/augmenters/resample.hpp>
#include <spade/augmenters/step.hpp>

namespace spade::augmenters {

/// Cuts out a random window and resizes it, antialiased, to the network's input size.
///
/// The window's area is a share of the picture's, uniform in `scale`; its width over its height is
/// log-uniform in `ratio`; its place is uniform. A window that does not fit is drawn again, up to ten times,
/// then the largest central one of an allowed ratio is taken. It is cut from the sample's full-resolution
/// picture where there is one, else from the input. Works on any [C, H, W].
///
/// Source: szegedy2015going, section 6, as torchvision2016 has it. Departure: a window has at least a fifth
/// of the area by default (there 8 %). Cost: that of `resized_crop`, and the result.
class RandomResizedCrop : public StepAugmenter<RandomResizedCrop> {
public:
  static constexpr bool full_resolution = true;

  struct Options {
    Range scale{0.2, 1.0};             ///< in (0, 1]
    Range ratio{3.0 / 4.0, 4.0 / 3.0}; ///< over 0
  };

  RandomResizedCrop() : RandomResizedCrop(Options{}) {}
  /// @throws InvalidArgument where a range is empty or out of bounds
  explicit RandomResizedCrop(const Options& options);

  using StepAugmenter::operator();
  /// @throws ShapeMismatch where the copy or the network's input is not a picture
  [[nodiscard]] at::Tensor operator()(const at::Tensor& copy, RandomStream& stream,
                                      const InputSpace& space) const;
  /// The window that would be cut from a picture of that size, in pixels. @throws InvalidArgument where the
  /// size is under 1
  [[nodiscard]] Window window(std::int64_t height, std::int64_t width, RandomStream& stream) const;

  [[nodiscard]] std::string name() const;
  [[nodiscard]] const Options& options() const { return options_; }

private:
  Options options_;
};

} // namespace spade::augmenters
