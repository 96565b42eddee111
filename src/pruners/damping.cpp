// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/pruners/damping.hpp>

namespace spade::pruners {

double default_damping(std::int64_t positions, std::int64_t columns) {
  if (positions <= 0 || positions >= 2 * columns) return 1e-2;
  return positions >= columns ? 3e-2 : 1e-1;
}

} // namespace spade::pruners
