// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// What every picture routine needs: the shape and type checked once, and typed pointers to contiguous
// elements.
#pragma once

#include <string>
#include <string_view>

#include <ATen/ATen.h>

#include <spade/core/error.hpp>
#include <spade/core/tensor_view.hpp>

namespace spade::augmenters {

[[nodiscard]] inline std::string shape_text(const at::Tensor& tensor) {
  return spade::shape_text({tensor.sizes().data(), tensor.sizes().size()});
}

/// The picture on the CPU, contiguous, without a history; the same storage where it is so already.
[[nodiscard]] inline at::Tensor picture_elements(const at::Tensor& picture, std::string_view who) {
  if (!picture.defined() || picture.dim() < 2 || picture.numel() == 0) {
    throw ShapeMismatch(message(who, ": a picture is [channels, height, width] with at least one pixel, not ",
                                picture.defined() ? shape_text(picture) : "an undefined tensor"));
  }
  if (picture.scalar_type() != at::kFloat && picture.scalar_type() != at::kDouble) {
    throw InvalidArgument(message(who, ": a picture is float or double, not ",
                                  c10::toString(picture.scalar_type()),
                                  "; convert it with .to(at::kFloat), and bytes to [0, 1] with .div(255)"));
  }
  return picture.detach().to(at::kCPU).contiguous();
}

/// Calls body with a value of the tensor's element type.
template <class Body> decltype(auto) with_element_type(const at::Tensor& tensor, Body&& body) {
  return tensor.scalar_type() == at::kDouble ? body(double{}) : body(float{});
}

} // namespace spade::augmenters
