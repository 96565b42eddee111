// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace spade::graph {

/// A file inside a zip archive.
struct ZipEntry {
  std::string name;            ///< path inside the archive, with "/"
  std::span<std::byte> stored; ///< its bytes as they stand in the archive
  std::uint64_t size = 0;      ///< of its content
  bool compressed = false;     ///< the stored bytes are not the content
};

/// Reads the table of contents of a zip archive, ZIP64 included.
///
/// Whatever the archive says is checked against its bytes: every entry lies before the table of contents,
/// none overlaps another, no name stands for a place outside the archive, and none is there twice. Nothing
/// is copied or unpacked, so the memory taken is that of the names.
/// @param what  the archive in messages: "model file \"m.pt2\""
/// @throws FileError where it is no zip archive, cut short, encrypted, or says what cannot be
/// Source: PKWARE, .ZIP File Format Specification (APPNOTE.TXT) 6.3, sections 4.3.7 to 4.3.16 and 4.5.3.
[[nodiscard]] std::vector<ZipEntry> read_zip(std::span<std::byte> bytes, const std::string& what);

/// The content of an entry. @throws FileError where it is compressed
[[nodiscard]] std::span<std::byte> content(const ZipEntry& entry, const std::string& what);

} // namespace spade::graph
