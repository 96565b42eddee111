// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "wrapped_number.hpp"

#include <ATen/ATen.h>

namespace spade::graph::exported {

at::Tensor wrapped_number(const c10::IValue& number) {
  auto type = at::kDouble;
  if (number.isBool()) type = at::kBool;
  if (number.isInt()) type = at::kLong;
  auto tensor = at::scalar_tensor(number.toScalar(), at::TensorOptions(type));
  tensor.unsafeGetTensorImpl()->set_wrapped_number(true);
  return tensor;
}

} // namespace spade::graph::exported
