// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "parity/forward.hpp"
#include "parity/parity.hpp"

namespace spade::parity {

Outcome attribution(const Case& parity_case) {
  const auto method = parity_case.entry.at("method").get<std::string>();
  if (method == "forward") return forward(parity_case);
  return skipped("method " + method + " is not part of this version");
}

} // namespace spade::parity
