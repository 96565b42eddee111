// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "standard_streams.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include <spade/core/error.hpp>

namespace spade::explain_tool {

bool prepare_standard_streams() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  const bool output_open = fcntl(STDOUT_FILENO, F_GETFD) >= 0;
  // A new descriptor is the lowest free one: opening goes on until the three are taken.
  int opened = 0;
  do {
    opened = open("/dev/null", O_RDWR);
  } while (opened >= 0 && opened <= STDERR_FILENO);
  if (opened > STDERR_FILENO) close(opened);
  return output_open;
}

void print_result(const std::string& text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (written && std::fflush(stdout) == 0) return;
  throw FileError(message("cannot write to standard output: ", std::generic_category().message(errno)));
}

void print_error(const std::string& text) noexcept {
  (void)std::fwrite(text.data(), 1, text.size(), stderr);
}

} // namespace spade::explain_tool
