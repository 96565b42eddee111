// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Which function runs the cases of which top folder of the manifest.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "parity/parity.hpp"

namespace spade::parity {

using Family = std::function<Outcome(const Case&)>;

[[nodiscard]] Outcome augment(const Case& parity_case);
[[nodiscard]] Outcome attribution(const Case& parity_case);
[[nodiscard]] Outcome metric(const Case& parity_case);
[[nodiscard]] Outcome solver(const Case& parity_case);
[[nodiscard]] Outcome trace(const Case& parity_case);

inline const std::map<std::string, Family>& families() {
  static const std::map<std::string, Family> table{
      {"augment", augment}, {"attribution", attribution}, {"metric", metric}, {"solver", solver},
      {"trace", trace},
  };
  return table;
}

} // namespace spade::parity
