// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "output_file.hpp"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>

#include <spade/core/error.hpp>

namespace spade::explain_tool {

void check_writable(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    throw FileError(fmt::format("{}: cannot be written, a folder has that name", path));
  }
  // Devices and pipes (/dev/stdout) are written to directly.
  if (std::filesystem::exists(path, ignored) && !std::filesystem::is_regular_file(path, ignored)) return;
  auto folder = std::filesystem::path(path).parent_path();
  if (folder.empty()) folder = ".";
  if (!std::filesystem::is_directory(folder, ignored)) {
    throw FileError(fmt::format("{}: cannot be written, there is no folder {}", path, folder.string()));
  }
  auto probe = (folder / ".spade-XXXXXX").string();
  const int file = mkstemp(probe.data());
  if (file < 0) {
    throw FileError(fmt::format("{}: cannot be written, the folder {} takes no files ({})", path,
                                folder.string(), std::generic_category().message(errno)));
  }
  close(file);
  unlink(probe.c_str());
}

} // namespace spade::explain_tool
