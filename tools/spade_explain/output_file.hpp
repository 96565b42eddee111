// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace spade::explain_tool {

/// Finds out whether a file can be written, before hours are spent on what shall be in it.
///
/// It tries: a file without a name or a temporary one is made in the folder, and goes. Permissions alone do
/// not tell (read-only file systems, quotas, the rights of root).
/// @throws FileError where the folder is missing or read-only, the name too long, the path a folder, a pipe's
/// or socket's name (nobody may be reading there), or a stream that is not open (the text says which)
void check_writable(const std::string& path);

/// A file, and the option that names it.
struct NamedFile {
  std::string option;
  std::string path;
};

/// Makes sure that no result takes the place of a file that is read, or of another result, by whatever names
/// and links they go. Terminals and other character devices may be named twice.
/// @throws InvalidArgument with both options
void check_apart(const std::vector<NamedFile>& results, const std::vector<NamedFile>& inputs);

/// A result, and what writes it to a path.
struct ResultFile {
  std::string path;
  std::function<void(const std::string& path)> write;
};

/// Writes files that appear together or not at all.
///
/// All are written under other names in their folders and then renamed. Devices and pipes (/dev/stdout) are
/// written before them: where one fails, no file appears.
/// @throws FileError and what `write` throws; then no file is new or changed
void write_together(const std::vector<ResultFile>& results);

} // namespace spade::explain_tool
