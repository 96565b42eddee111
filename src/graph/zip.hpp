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
  std::uint32_t checksum = 0;  ///< CRC-32 of its content; 0: the writer took none
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

/// Checks an entry's content against its checksum. A checksum of 0 is one that the writer did not take
/// (torch.serialization.set_crc32_options), and says nothing.
/// @param content  unpacked
/// @throws FileError where they differ
void check_content(const ZipEntry& entry, std::span<const std::byte> content, const std::string& what);

/// The content of an entry, checked against its checksum: reads every byte.
/// @throws FileError where it is compressed or damaged
[[nodiscard]] std::span<std::byte> content(const ZipEntry& entry, const std::string& what);

} // namespace spade::graph
