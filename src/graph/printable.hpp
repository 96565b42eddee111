// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace spade::graph {

/// A text of a file, for a message: what is no printable ASCII becomes "?", and 200 characters are kept.
[[nodiscard]] inline std::string printable(std::string text) {
  text.resize(text.size() < 200 ? text.size() : 200);
  for (auto& c : text)
    c = c >= ' ' && c <= '~' ? c : '?';
  return text;
}

} // namespace spade::graph
