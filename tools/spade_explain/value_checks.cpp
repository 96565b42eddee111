// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "value_checks.hpp"

#include <charconv>
#include <cstdlib>
#include <string>
#include <system_error>

#include <fmt/format.h>

namespace spade::explain_tool {

CLI::Validator whole_number(std::uint64_t low, std::uint64_t high) {
  const auto check = [low, high](std::string& text) -> std::string {
    std::uint64_t value = 0;
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || rest != end || value < low || value > high)
      return fmt::format("\"{}\" is no whole number from {} to {}", text, low, high);
    text = std::to_string(value);
    return {};
  };
  return {check, ""};
}

CLI::Validator number() {
  const auto check = [](std::string& text) -> std::string {
    char* end = nullptr;
    (void)std::strtod(text.c_str(), &end);
    if (text.empty() || end != text.c_str() + text.size()) return fmt::format("\"{}\" is no number", text);
    return {};
  };
  return {check, ""};
}

CLI::Validator file_name() {
  const auto check = [](std::string& text) -> std::string { return text.empty() ? "the name is empty" : ""; };
  return {check, ""};
}

} // namespace spade::explain_tool
