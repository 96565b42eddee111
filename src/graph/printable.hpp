// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>

namespace spade::graph {

/// A text of a file, for a message: what is no printable ASCII becomes "?", and so many characters are kept.
[[nodiscard]] inline std::string printable(std::string text, std::size_t most = 200) {
  text.resize(std::min(text.size(), most));
  for (auto& c : text)
    c = c >= ' ' && c <= '~' ? c : '?';
  return text;
}

} // namespace spade::graph
