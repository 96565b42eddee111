// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ctime>

namespace spade::benchmarks {

/// Seconds that the processors have spent on this process, all its threads together.
inline double cpu_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

} // namespace spade::benchmarks
