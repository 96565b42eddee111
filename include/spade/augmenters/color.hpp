// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

/// Colour changes of a picture [1 or 3, H, W] in [0, 1], float or double; the result is a new tensor, clipped
/// to [0, 1]. They mean what torchvision's `adjust_*` functions on tensors mean. The work is done on the CPU.
///
/// All throw ShapeMismatch on other shapes, and InvalidArgument on other types or a factor out of range.
/// Cost: O(H W), and the result. Source: torchvision2016.
namespace spade::augmenters {

/// factor x. @param factor at least 0; 0 gives black, 1 the picture
[[nodiscard]] at::Tensor adjust_brightness(const at::Tensor& picture, double factor);

/// factor x + (1 - factor) m, with m the mean of the luminance 0.2989 R + 0.587 G + 0.114 B over the picture.
/// @param factor at least 0; 0 gives a uniform grey, 1 the picture
[[nodiscard]] at::Tensor adjust_contrast(const at::Tensor& picture, double factor);

/// factor x + (1 - factor) l, with l each pixel's own luminance; a picture of one channel stays as it is.
/// @param factor at least 0; 0 gives a grey picture, 1 the picture
[[nodiscard]] at::Tensor adjust_saturation(const at::Tensor& picture, double factor);

/// Turns every pixel's hue in the hexagonal HSV colour space (smith1978color); a picture of one channel stays
/// as it is.
/// @param turn in full turns, finite: 1/3 takes red to green, 1 is the identity
[[nodiscard]] at::Tensor adjust_hue(const at::Tensor& picture, double turn);

} // namespace spade::augmenters
