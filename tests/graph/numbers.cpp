// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <ATen/ATen.h>

#include "graph/scripted.hpp"

namespace spade::testing {

at::Tensor numbers(at::IntArrayRef shape, double scale) {
  auto values = at::empty(shape, at::kFloat);
  auto* data = values.data_ptr<float>();
  // The golden ratio's multiples modulo one: spread evenly, never repeating.
  for (std::int64_t i = 0; i < values.numel(); ++i) {
    const double whole = 0.6180339887498949 * static_cast<double>(i + 1);
    data[i] = static_cast<float>(scale * (2 * (whole - std::floor(whole)) - 1));
  }
  return values;
}

} // namespace spade::testing
