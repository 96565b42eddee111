// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

namespace spade::augmenters {

/// A rectangle of pixels of a picture.
struct Window {
  std::int64_t top = 0;
  std::int64_t left = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;
};

/// Resizes a picture with the triangle filter, antialiased: [..., H, W] -> [..., height, width].
///
/// Output pixel i of n is sum_j w_ij x_j over one axis, then the other, with w_ij proportional to
/// max(0, 1 - |j + 1/2 - s (i + 1/2)| / max(s, 1)), s = H/n, and summing to 1: bilinear interpolation when
/// enlarging, an average over the pixel's footprint when shrinking. As torchvision's tensor `resize` with
/// antialias=True (torchvision2016), to about 1e-6. A picture that has the size already is returned as it is.
/// @param picture float or double, on any device (the work is done on the CPU)
/// @throws ShapeMismatch where the picture has under two dimensions or no pixel; InvalidArgument on other
///   types or a size under 1
/// Cost: O(height * W * f_y + height * width * f_x) a channel, f = 2 max(s, 1) weights a pixel; beside the
/// result one row, and the weights of both axes.
[[nodiscard]] at::Tensor resize(const at::Tensor& picture, std::int64_t height, std::int64_t width);

/// Cuts out a window, then resizes it; pixels outside the window have no influence. A window that has the
/// size already may share the picture's memory. Cost: as resize of the window.
/// @throws InvalidArgument where the window is empty or not inside the picture; as resize
[[nodiscard]] at::Tensor resized_crop(const at::Tensor& picture, const Window& window, std::int64_t height,
                                      std::int64_t width);

} // namespace spade::augmenters
