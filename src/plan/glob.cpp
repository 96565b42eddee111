// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/sparsity_plan.hpp>

#include <cstddef>

#include <spade/core/error.hpp>

namespace spade {
namespace {

/// Whether a set such as "a-z_" or "!0-9" (between its brackets) holds a character.
bool in_set(std::string_view set, char character) {
  const bool negated = set.starts_with('!');
  if (negated) set.remove_prefix(1);
  bool found = false;
  for (std::size_t i = 0; i < set.size(); ++i) {
    if (i + 2 < set.size() && set[i + 1] == '-') {
      found = found || (set[i] <= character && character <= set[i + 2]);
      i += 2;
    } else {
      found = found || set[i] == character;
    }
  }
  return found != negated;
}

/// Length of the pattern's first element other than `*`: a character, `?`, or a whole `[...]`.
/// A `]` right after the opening bracket (or its `!`) belongs to the set.
std::size_t element_length(std::string_view pattern) {
  if (pattern.front() != '[') return 1;
  const std::size_t first = pattern.starts_with("[!") ? 2 : 1;
  const std::size_t close = pattern.find(']', first + 1);
  if (close == std::string_view::npos) {
    throw InvalidArgument(
        message("layer pattern: '", pattern, "' has an opening bracket and no closing one"));
  }
  return close + 1;
}

bool element_matches(std::string_view element, char character) {
  if (element == "?") return true;
  if (element.size() > 1) return in_set(element.substr(1, element.size() - 2), character);
  return element.front() == character;
}

} // namespace

bool glob_match(std::string_view pattern, std::string_view name) {
  for (auto rest = pattern; !rest.empty(); rest.remove_prefix(element_length(rest))) {
  } // throws on an open bracket
  // On a mismatch only the last star need be tried with a longer run, so the time is at most the product of
  // the lengths.
  std::string_view after_star;
  std::string_view retry;
  bool seen_star = false;
  while (true) {
    if (pattern.starts_with('*')) {
      pattern.remove_prefix(1);
      after_star = pattern;
      retry = name;
      seen_star = true;
      continue;
    }
    if (pattern.empty() && name.empty()) return true;
    if (!pattern.empty()) {
      const std::size_t length = element_length(pattern);
      if (!name.empty() && element_matches(pattern.substr(0, length), name.front())) {
        pattern.remove_prefix(length);
        name.remove_prefix(1);
        continue;
      }
    }
    if (!seen_star || retry.empty()) return false;
    retry.remove_prefix(1);
    name = retry;
    pattern = after_star;
  }
}

} // namespace spade
