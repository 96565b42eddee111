// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

namespace spade::graph::exported {

/// A number as a tensor without dimensions that does not take part in type promotion, as in `x * 2`.
[[nodiscard]] at::Tensor wrapped_number(const c10::IValue& number);

} // namespace spade::graph::exported
