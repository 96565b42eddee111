// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "progress_line.hpp"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "standard_streams.hpp"

namespace spade::explain_tool {
namespace {

constexpr int bar_cells = 28;

int columns() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::string clock_text(double seconds) {
  const auto whole = static_cast<long>(seconds + 0.5);
  return whole < 3600 ? fmt::format("{}:{:02}", whole / 60, whole % 60)
                      : fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

// Eighths of a cell make the bar move smoothly.
std::string bar(double fraction) {
  static constexpr const char* eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const int filled = static_cast<int>(fraction * bar_cells * 8);
  std::string text;
  for (int i = 0; i < filled / 8; ++i)
    text += "█";
  text += eighths[filled % 8];
  const int used = filled / 8 + (filled % 8 != 0 ? 1 : 0);
  return text + std::string(static_cast<std::size_t>(bar_cells - used), ' ');
}

} // namespace

ProgressLine::ProgressLine() : terminal_(isatty(STDERR_FILENO) != 0) {
  const char* kind = std::getenv("TERM");
  if (kind == nullptr || std::string_view(kind) == "dumb") terminal_ = false;
}

void ProgressLine::show(double fraction, std::string_view what) {
  if (!terminal_) return;
  const auto now = Clock::now();
  if (shown_ && now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  shown_ = true;
  fraction = std::clamp(fraction, 0.0, 1.0);
  const double elapsed = std::chrono::duration<double>(now - begin_).count();
  const auto left =
      fraction > 0.02 ? ", " + clock_text(elapsed / fraction * (1 - fraction)) + " left" : std::string();
  const auto head = fmt::format("▕{}▏{:3.0f} %{}  ", bar(fraction), 100 * fraction, left);
  const auto room = columns() - (bar_cells + 2 + 6 + static_cast<int>(left.size()) + 2) - 1;
  const auto text = room > 8 ? std::string(what.substr(0, static_cast<std::size_t>(room))) : std::string();
  print_error(fmt::format("\r\x1b[2K{}{}", head, text));
}

void ProgressLine::clear() {
  if (!shown_) return;
  print_error("\r\x1b[2K");
  shown_ = false;
}

} // namespace spade::explain_tool
