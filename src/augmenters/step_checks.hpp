// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// The checks that several steps make, and the two things that erasing and removing share.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>

#include <spade/augmenters/range.hpp>
#include <spade/augmenters/resample.hpp>
#include <spade/augmenters/step.hpp>

namespace spade::augmenters {

/// @throws InvalidArgument, as `RandomErasing: probability 1.5 is not in [0, 1]`
void check_probability(double probability, std::string_view step);
/// @throws InvalidArgument where not 0 < low <= high <= most
void check_range(const Range& range, double most, std::string_view step, std::string_view option);
/// @throws InvalidArgument where a value is not finite
void check_value(const std::vector<double>& value, std::string_view step);
/// @throws ShapeMismatch where the copy is not [C, H, W]
void check_picture(const at::Tensor& copy, const InputSpace& space, std::string_view step);

/// "0.2..1"
[[nodiscard]] std::string range_text(const Range& range);

/// The largest height and width that a random window may have.
struct WindowBounds {
  std::int64_t height = 0;
  std::int64_t width = 0;
};

/// A window of random area (a share of the picture's) and ratio (width over height) at a random place in a
/// picture of that size, or nothing where ten draws were larger than `largest`.
[[nodiscard]] std::optional<Window> random_window(const WindowBounds& picture, const WindowBounds& largest,
                                                  const Range& scale, const Range& ratio,
                                                  RandomStream& stream);

/// The value per channel to overwrite with. @throws ShapeMismatch where `value` has another number of
/// channels
[[nodiscard]] std::vector<double> fill_value(const std::vector<double>& value, std::int64_t channels,
                                             const InputSpace& space, std::string_view step);
/// Overwrites a window of a contiguous picture of our own.
void fill(at::Tensor& picture, const Window& window, const std::vector<double>& value);

} // namespace spade::augmenters
