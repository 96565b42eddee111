// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/interpreters/saliency.hpp>

#include <ATen/ATen.h>

#include "class_score.hpp"

namespace spade::interpreters {

at::Tensor Saliency::attribute(const ForwardFunction& forward, const at::Tensor& input,
                               const Target& target) const {
  check_input(name(), input);
  return class_gradient(name(), forward, input, target).abs();
}

} // namespace spade::interpreters
