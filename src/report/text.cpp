// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "text.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

#include <fmt/format.h>
#include <torch/version.h>

namespace spade::report {
namespace {

std::string with_true_minus(std::string text) {
  if (text.starts_with('-')) text.replace(0, 1, "−");
  return text;
}

} // namespace

std::string percent(double fraction, int decimals) {
  const auto text = fmt::format("{:.{}f}", 100.0 * fraction, decimals);
  // What rounds to zero has no sign.
  return text.find_first_not_of("-0.") == std::string::npos ? text.substr(text.starts_with('-') ? 1 : 0)
                                                            : with_true_minus(text);
}

std::string signed_percent(double fraction) {
  const auto text = percent(fraction);
  return fraction > 0 && text.find_first_not_of("0.") != std::string::npos ? "+" + text : text;
}

std::string number(double value) {
  if (!std::isfinite(value)) return fmt::format("{}", value);
  const double size = std::abs(value);
  auto text = size > 0 && size < 1e-3 ? fmt::format("{:.2e}", value) : fmt::format("{:.3g}", value);
  const auto exponent = text.find('e');
  if (exponent == std::string::npos) return with_true_minus(text);
  static constexpr std::array superscripts{"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  const int power = std::stoi(text.substr(exponent + 1));
  std::string raised = power < 0 ? "⁻" : "";
  for (const char digit : std::to_string(std::abs(power)))
    raised += superscripts[static_cast<std::size_t>(digit - '0')];
  return with_true_minus(text.substr(0, exponent)) + " × 10" + raised;
}

std::string grouped(long long value) {
  const auto digits = std::to_string(value);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0 && digits[i - 1] != '-') text += "\u202f";
    text += digits[i];
  }
  return text;
}

std::string seconds(double value) {
  return fmt::format("{:.{}f}", value, value < 0.1 ? 3 : value < 1 ? 2 : 1);
}

std::string display_name(const std::string& name) {
  const bool identifier =
      !name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
  if (!identifier) return name;
  std::string text;
  for (std::size_t begin = 0; begin < name.size();) {
    const auto end = std::min(name.find('_', begin), name.size());
    auto word = name.substr(begin, end - begin);
    if (word == "lrp") word = "LRP";
    if (word == "x") word = "×";
    text += (begin > 0 ? " " : "") + word;
    begin = end + 1;
  }
  text.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(text.front())));
  return text;
}

std::string spade_version() {
  return SPADE_VERSION;
}

std::string torch_version() {
  return TORCH_VERSION;
}

} // namespace spade::report
