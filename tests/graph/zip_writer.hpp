// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Zip archives as torch.export.save writes them, and as nobody should.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace spade::testing {

/// An entry, and what the archive claims of it where that is not the truth.
struct ZipFile {
  std::string name;
  std::string content;
  std::optional<std::uint64_t> claimed_stored;
  std::optional<std::uint64_t> claimed_size;
  std::optional<std::uint64_t> claimed_offset;
  std::optional<std::uint64_t> claimed_checksum;
  std::uint16_t method = 0;
  std::uint16_t flags = 0;
  std::optional<std::string> local_name; ///< in the header right before the content
};

struct ZipOptions {
  std::size_t alignment = 64; ///< of the contents
  bool wide = false;          ///< ZIP64: every size and offset in 64 bits
  std::optional<std::uint64_t> claimed_entries;
};

[[nodiscard]] std::string zip(const std::vector<ZipFile>& files, const ZipOptions& options = {});

/// The number's bytes, the lowest first.
[[nodiscard]] std::string little_endian(std::uint64_t value, int bytes);

/// The entries of an archive without ZIP64; the contents of compressed ones are as they are stored.
[[nodiscard]] std::vector<ZipFile> unzip(const std::string& path);

} // namespace spade::testing
