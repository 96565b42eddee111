// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace spade::linalg {

/// Σ a_i b_i in four partial sums: the processor need not wait for one addition before the next. The order of
/// the additions follows from `count` alone.
template <class T> T dot(std::int64_t count, const T* a, const T* b) {
  T sums[4] = {};
  std::int64_t i = 0;
  for (; i + 4 <= count; i += 4) {
    for (std::int64_t lane = 0; lane < 4; ++lane)
      sums[lane] += a[i + lane] * b[i + lane];
  }
  for (; i < count; ++i)
    sums[0] += a[i] * b[i];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

} // namespace spade::linalg
