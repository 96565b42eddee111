// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/interpreters/heat_map.hpp>

#include <ATen/ATen.h>

#include <spade/core/error.hpp>

namespace spade::interpreters {

at::Tensor heat_map(const at::Tensor& attribution, Reduction reduction) {
  if (attribution.dim() < 3) {
    throw ShapeMismatch(
        message("heat_map: the attribution is ", attribution.sizes(), "; give [N, C, spatial...]"));
  }
  const auto values = attribution.detach();
  if (!at::isfinite(values).all().item<bool>()) {
    throw NumericalError("heat_map: the attribution has values that are not finite");
  }
  return reduction == Reduction::AbsoluteSum ? values.abs().sum(1) : values.sum(1).clamp_min(0);
}

} // namespace spade::interpreters
