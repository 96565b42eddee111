// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/layer.hpp>

namespace spade {

std::int64_t Layer::columns_per_channel() const {
  std::int64_t elements = 1;
  for (const auto extent : window.kernel)
    elements *= extent;
  return elements;
}

} // namespace spade
