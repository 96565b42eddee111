// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Networks as plain functions, in double, whose attributions are known by other means.
#pragma once

#include <cstdint>

#include <ATen/ATen.h>

#include <spade/core/rng.hpp>
#include <spade/interpreters/forward_function.hpp>

namespace spade::toys {

/// Normal numbers that depend on the seed alone.
inline at::Tensor normal(at::IntArrayRef shape, std::uint64_t seed) {
  auto tensor = at::empty(shape, at::kDouble);
  RandomStream stream(seed, 0);
  for (std::int64_t i = 0; i < tensor.numel(); ++i)
    tensor.data_ptr<double>()[i] = stream.normal();
  return tensor;
}

/// f(x) = W flatten(x) + b
inline interpreters::ForwardFunction linear_network(const at::Tensor& weight, const at::Tensor& bias) {
  return [=](const at::Tensor& x) { return at::linear(x.flatten(1), weight, bias); };
}

/// f(x) = V tanh(W flatten(x)): smooth, with a gradient that is written down in the tests.
inline interpreters::ForwardFunction perceptron(const at::Tensor& w, const at::Tensor& v) {
  return [=](const at::Tensor& x) { return at::linear(at::tanh(at::linear(x.flatten(1), w)), v); };
}

} // namespace spade::toys
