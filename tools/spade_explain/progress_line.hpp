// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace spade::explain_tool {

/// One line on the terminal that says how far all of the work is; silent where standard error is not a
/// terminal.
class ProgressLine {
public:
  ProgressLine();
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// @param fraction of all work that is done, in [0, 1]; `what` is being done now
  void show(double fraction, std::string_view what);
  /// Leaves an empty line.
  void clear();

private:
  using Clock = std::chrono::steady_clock;

  bool terminal_;
  bool shown_ = false;
  Clock::time_point begin_ = Clock::now();
  Clock::time_point last_;
};

} // namespace spade::explain_tool
