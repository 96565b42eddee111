// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/trace/options.hpp>

namespace spade {

std::string to_string(Propagation propagation) {
  return propagation == Propagation::Sequential ? "sequential" : "independent";
}

} // namespace spade
