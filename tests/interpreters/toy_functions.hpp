// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Networks as plain functions, in double, whose attributions are known by other means.
#pragma once

#include <ATen/ATen.h>

#include <spade/interpreters/forward_function.hpp>

#include "support/networks.hpp"

namespace spade::toys {

using support::normal;

/// f(x) = W flatten(x) + b
inline interpreters::ForwardFunction linear_network(const at::Tensor& weight, const at::Tensor& bias) {
  return [=](const at::Tensor& x) { return at::linear(x.flatten(1), weight, bias); };
}

/// f(x) = V tanh(W flatten(x)): smooth, with a gradient that is written down in the tests.
inline interpreters::ForwardFunction perceptron(const at::Tensor& w, const at::Tensor& v) {
  return [=](const at::Tensor& x) { return at::linear(at::tanh(at::linear(x.flatten(1), w)), v); };
}

} // namespace spade::toys
