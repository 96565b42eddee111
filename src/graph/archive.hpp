// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace spade::graph {

/// The table of contents of a zip file, which is what every format of model files is.
struct Archive {
  std::vector<std::string> entries; ///< paths inside the file

  /// True where a path equals `name`, or ends with "/" and `name`.
  [[nodiscard]] bool has(const std::string& name) const;
  /// True where a path has the folder `name` in it.
  [[nodiscard]] bool has_folder(const std::string& name) const;
};

/// Reads the table of contents and checks it against the file (zip.hpp).
/// @throws FileError where the file is missing, a directory, unreadable, empty, no zip file, or cut short
[[nodiscard]] Archive read_archive(const std::string& path);

} // namespace spade::graph
