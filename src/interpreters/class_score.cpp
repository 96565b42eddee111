// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "class_score.hpp"

#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/autograd.h>

#include <ATen/ATen.h>

#include <spade/core/error.hpp>

namespace spade::interpreters {

void check_input(std::string_view method, const at::Tensor& input) {
  if (!input.defined()) throw InvalidArgument(message(method, ": the input is an undefined tensor"));
  if (!input.is_floating_point()) {
    throw InvalidArgument(
        message(method, ": the input holds ", input.scalar_type(), "; convert it to floating point"));
  }
  if (input.dim() < 2 || input.numel() == 0) {
    throw InvalidArgument(
        message(method, ": the input is ", input.sizes(), "; give at least one sample, [N, ...]"));
  }
  if (!at::isfinite(input).all().item<bool>()) {
    throw NumericalError(message(method, ": the input has values that are not finite"));
  }
}

void check_output(std::string_view method, const at::Tensor& output, std::int64_t samples) {
  if (output.dim() != 2 || output.size(0) != samples) {
    throw ShapeMismatch(message(method, ": the network's output is ", output.sizes(), " for ", samples,
                                " samples; an attribution needs [N, classes]"));
  }
  if (!at::isfinite(output).all().item<bool>()) {
    throw NumericalError(message(method, ": the network's output has values that are not finite"));
  }
}

void check_baseline(std::string_view method, const at::Tensor& baseline) {
  if (!baseline.defined()) return;
  if (!baseline.is_floating_point() || !at::isfinite(baseline).all().item<bool>()) {
    throw NumericalError(message(method, ": the baseline must be floating point and finite"));
  }
}

at::Tensor sample_baseline(std::string_view method, const at::Tensor& baseline, const at::Tensor& input,
                           std::int64_t sample) {
  const auto one = input.narrow(0, sample, 1);
  if (!baseline.defined()) return at::zeros_like(one);
  if (baseline.sizes() == input.sizes()) return baseline.narrow(0, sample, 1).detach().to(input);
  if (baseline.sizes() == one.sizes()) return baseline.detach().to(input);
  throw ShapeMismatch(message(method, ": the baseline is ", baseline.sizes(), ", the input ", input.sizes(),
                              "; give the input's shape, or ", one.sizes(), " for all samples"));
}

at::Tensor leaf_of(const at::Tensor& input) {
  // Autograd can record nothing on a tensor that was made in inference mode; a copy made outside it is an
  // ordinary one.
  return (input.is_inference() ? input.clone() : input.detach()).requires_grad_(true);
}

at::Tensor input_gradient(std::string_view method, const ForwardFunction& forward, const at::Tensor& input,
                          const std::function<at::Tensor(const at::Tensor& output)>& objective) {
  const c10::InferenceMode recording(false);
  const c10::AutoGradMode differentiating(true);
  const auto leaf = leaf_of(input);
  const auto output = forward(leaf);
  check_output(method, output.detach(), input.size(0));
  const auto value = objective(output);
  // An output that does not depend on the input has the gradient 0.
  if (!value.requires_grad()) return at::zeros_like(input);
  const auto gradient = torch::autograd::grad({value}, {leaf}, {}, false, false, true).front();
  return gradient.defined() ? gradient : at::zeros_like(input);
}

at::Tensor class_index(const at::Tensor& output, const Target& target) {
  const auto indices = target.per_sample(output.size(0), output.size(1));
  return at::tensor(indices, at::kLong).to(output.device()).unsqueeze(1);
}

at::Tensor class_gradient(std::string_view method, const ForwardFunction& forward, const at::Tensor& input,
                          const Target& target) {
  return input_gradient(method, forward, input, [&](const at::Tensor& output) {
    return output.gather(1, class_index(output, target)).sum();
  });
}

} // namespace spade::interpreters
