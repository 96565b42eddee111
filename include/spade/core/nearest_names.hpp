// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace spade {

/// The candidates that a misspelt name was probably meant to be, nearest first: "'conv1', 'conv2'".
///
/// Near is a small edit distance (Levenshtein's, by the table of wagner1974string); a `*` in the name stands
/// for any run of characters at no cost, so that glob patterns find their like. Ties keep the candidates'
/// order.
/// @param limit how many to name at most
/// @returns empty text where there are no candidates
/// Cost: the name's length times that of all candidates together.
[[nodiscard]] std::string nearest_names(std::string_view name, std::span<const std::string> candidates,
                                        std::size_t limit = 3);

} // namespace spade
