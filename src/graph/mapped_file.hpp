// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace spade::graph {

/// A file's bytes, mapped into memory: read from disk when first touched, and shared with the system's cache.
///
/// What is written to them stays in this process. The file must not be cut or overwritten while it is mapped:
/// that would change the bytes, or end the program. To replace it, write another file and rename it.
class MappedFile {
public:
  /// @throws FileError where the file is missing, a directory, unreadable, or empty
  explicit MappedFile(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  [[nodiscard]] std::span<std::byte> bytes() const { return bytes_; }

private:
  std::span<std::byte> bytes_;
};

} // namespace spade::graph
