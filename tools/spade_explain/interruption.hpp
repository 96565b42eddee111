// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stop_token>
#include <string>
#include <thread>

namespace spade::explain_tool {

/// Turns Ctrl-C (SIGINT) and SIGTERM into a request to stop; a second one ends the program at once.
///
/// The signals are blocked in every thread and awaited in one of its own, where, other than in a signal
/// handler, all is allowed. So it is made first, before any library starts threads. Work looks for the
/// request between its units; where it does not notice within a moment, the program is ended for it. There is
/// one per program.
class Interruption {
public:
  /// @param program what the program is called in the sentence that it ends with where work does not notice
  explicit Interruption(const std::string& program = "spade-explain");
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }
  /// 130 after Ctrl-C, 143 after SIGTERM, as shells have it.
  [[nodiscard]] int exit_code() const;

  /// From here on one request comes too late: the files are written, in a moment, and all of them. A second
  /// one still ends the program: nobody may be reading the pipe that a result goes to.
  /// @throws Interrupted where one came before
  void begin_writing();

private:
  void await(const std::stop_token& end);

  std::string sentence_;
  std::string late_sentence_;
  std::stop_source stop_;
  std::jthread watcher_;
};

} // namespace spade::explain_tool
