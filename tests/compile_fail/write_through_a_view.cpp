// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// expected: assignment of read-only location|read-only variable is not assignable
#include <spade/core/tensor_view.hpp>

void clear(const spade::TensorView& weight) {
#ifdef SPADE_CORRECTED
  auto copy = weight.to_vector<float>();
  copy[0] = 0;
#else
  weight.data<float>()[0] = 0;
#endif
}
