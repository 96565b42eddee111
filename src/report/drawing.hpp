// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <ATen/core/Tensor.h>

#include <spade/interpreters/heat_map.hpp>
#include <spade/trace.hpp>

namespace spade::report {

/// A map as a picture, and how its colours are to be read.
struct DrawnMap {
  at::Tensor picture;     ///< [3, H, W] in [0, 1]
  bool two_sided = false; ///< diverging colours from -limit to limit; else sequential ones from 0 to limit
  double limit = 0;       ///< the value at the end of the colours; larger ones have the end's colour
};

/// The picture as the network sees it, [3, H, W] in [0, 1].
///
/// It is the explanation's picture where that has the input's size, else the input with each channel
/// stretched to [0, 1]: its colours are then not the picture's.
[[nodiscard]] at::Tensor seen_picture(const Explanation& explanation);

/// Whether seen_picture's colours are the picture's own.
[[nodiscard]] bool shows_true_colours(const Explanation& explanation);

/// The picture no larger than 64 pixels, by taking every n-th.
[[nodiscard]] at::Tensor thumbnail(const at::Tensor& picture);

/// Whether some pixel's sum over the channels of an attribution [1, C, H, W] is negative.
[[nodiscard]] bool has_negative_sums(const at::Tensor& attribution);

/// The sum over channels of an attribution [1, C, H, W], in diverging or in sequential colours.
/// @throws NumericalError where it is not finite
[[nodiscard]] DrawnMap draw_sum(const at::Tensor& attribution, bool two_sided);

/// The heat map over the picture in grey: the larger a value, the less of the picture shines through.
[[nodiscard]] DrawnMap draw_overlay(const at::Tensor& attribution, interpreters::Reduction reduction,
                                    const at::Tensor& picture);

/// The border of a mask [H, W] as an SVG path in pixels, edges along pixel borders.
[[nodiscard]] std::string outline_path(const at::Tensor& mask);

/// "data:image/png;base64,..." of a picture [3, H, W] in [0, 1].
[[nodiscard]] std::string png_data_uri(const at::Tensor& picture);

/// RFC 4648, with padding.
[[nodiscard]] std::string base64(const std::string& bytes);

} // namespace spade::report
