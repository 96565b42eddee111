// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// What all interpreters share: checks of input, output and baseline, and the gradient of one class's output.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>

#include <spade/core/target.hpp>
#include <spade/interpreters/forward_function.hpp>

namespace spade::interpreters {

/// @throws as Saliency::attribute says of inputs
void check_input(std::string_view method, const at::Tensor& input);

/// @throws as Saliency::attribute says of outputs
void check_output(std::string_view method, const at::Tensor& output, std::int64_t samples);

/// @throws NumericalError where a defined baseline is not floating point and finite
void check_baseline(std::string_view method, const at::Tensor& baseline);

/// The baseline of one sample, [1, ...] of the input's type; zeros where it is undefined.
/// @throws ShapeMismatch where its shape is neither the input's nor that of one of its samples
at::Tensor sample_baseline(std::string_view method, const at::Tensor& baseline, const at::Tensor& input,
                           std::int64_t sample);

/// An input of the same values that requires a gradient, sharing memory with it where autograd allows.
at::Tensor leaf_of(const at::Tensor& input);

/// d objective(forward(input)) / d input, whatever the caller's gradient mode; objective sees [N, classes],
/// gives a scalar.
at::Tensor input_gradient(std::string_view method, const ForwardFunction& forward, const at::Tensor& input,
                          const std::function<at::Tensor(const at::Tensor& output)>& objective);

/// d f_t(x[n]) / d x[n], all samples of a batch at once.
at::Tensor class_gradient(std::string_view method, const ForwardFunction& forward, const at::Tensor& input,
                          const Target& target);

/// Class indices [N, 1] beside the output [N, classes], for gather and scatter.
at::Tensor class_index(const at::Tensor& output, const Target& target);

} // namespace spade::interpreters
