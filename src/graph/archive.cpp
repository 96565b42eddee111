// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Zip: the central directory stands at the end of the file, found by its end record (APPNOTE.TXT, 4.3.12
// to 4.3.16).
#include "archive.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>

#include <spade/core/error.hpp>

namespace spade::graph {
namespace {

constexpr std::uint64_t end_size = 22;
constexpr std::uint64_t longest_comment = 0xffff;
constexpr std::uint64_t header_size = 46;

std::uint64_t little_endian(const std::string& bytes, std::size_t at, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = count; i-- > 0;)
    value = value << 8 | static_cast<unsigned char>(bytes.at(at + i));
  return value;
}

class File {
public:
  explicit File(const std::string& path) : path_(path) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (!std::filesystem::exists(status)) fail("does not exist");
    if (std::filesystem::is_directory(status)) fail("is a directory; give the model file itself");
    stream_.open(path, std::ios::binary | std::ios::ate);
    if (!stream_) fail("cannot be opened for reading; check its permissions");
    const auto end = stream_.tellg();
    if (end < 0) fail("cannot be read");
    size_ = static_cast<std::uint64_t>(end);
    if (size_ == 0) fail("is empty");
  }

  [[noreturn]] void fail(const std::string& why) const {
    throw FileError(message("model file \"", path_, "\" ", why));
  }

  [[nodiscard]] std::uint64_t size() const { return size_; }

  [[nodiscard]] std::string read(std::uint64_t at, std::uint64_t count) {
    if (at > size_ || count > size_ - at)
      fail("is cut short or damaged: its table of contents points past its end");
    std::string bytes(count, '\0');
    stream_.seekg(static_cast<std::streamoff>(at));
    stream_.read(bytes.data(), static_cast<std::streamsize>(count));
    if (!stream_) fail("cannot be read");
    return bytes;
  }

private:
  std::string path_;
  std::ifstream stream_;
  std::uint64_t size_ = 0;
};

struct Directory {
  std::uint64_t offset;
  std::uint64_t size;
  std::uint64_t entries;
};

Directory find_directory(File& file) {
  const auto tail_size = std::min(file.size(), end_size + longest_comment);
  const auto tail_at = file.size() - tail_size;
  const auto tail = file.read(tail_at, tail_size);
  const auto at = tail.rfind("PK\x05\x06");
  if (at == std::string::npos || tail.size() - at < end_size) {
    const bool starts_as_zip = file.size() >= 4 && file.read(0, 4) == "PK\x03\x04";
    file.fail(starts_as_zip
                  ? "is cut short: the table of contents at its end is missing; copy or download it again"
                  : "is not a model file: neither TorchScript (torch.jit.save) nor any other zip archive");
  }
  Directory directory{little_endian(tail, at + 16, 4), little_endian(tail, at + 12, 4),
                      little_endian(tail, at + 10, 2)};
  // Zip64: a locator of 20 bytes stands before the end record and says where the wide record is.
  const auto end_at = tail_at + at;
  if (directory.offset == 0xffffffff || directory.entries == 0xffff || directory.size == 0xffffffff) {
    if (end_at < 20) file.fail("is damaged: its zip64 locator is missing");
    const auto locator = file.read(end_at - 20, 20);
    if (locator.compare(0, 4, "PK\x06\x07") != 0) file.fail("is damaged: its zip64 locator is missing");
    const auto wide = file.read(little_endian(locator, 8, 8), 56);
    if (wide.compare(0, 4, "PK\x06\x06") != 0) file.fail("is damaged: its zip64 record is missing");
    directory = {little_endian(wide, 48, 8), little_endian(wide, 40, 8), little_endian(wide, 32, 8)};
  }
  return directory;
}

} // namespace

bool Archive::has(const std::string& name) const {
  return std::any_of(entries.begin(), entries.end(),
                     [&](const std::string& entry) { return entry == name || entry.ends_with("/" + name); });
}

bool Archive::has_folder(const std::string& name) const {
  return std::any_of(entries.begin(), entries.end(), [&](const std::string& entry) {
    return entry.starts_with(name + "/") || entry.find("/" + name + "/") != std::string::npos;
  });
}

Archive read_archive(const std::string& path) {
  File file(path);
  const auto directory = find_directory(file);
  const auto bytes = file.read(directory.offset, directory.size);
  Archive archive;
  std::size_t at = 0;
  for (std::uint64_t i = 0; i < directory.entries; ++i) {
    if (at + header_size > bytes.size() || bytes.compare(at, 4, "PK\x01\x02") != 0) {
      file.fail("is damaged: its table of contents is not readable");
    }
    const auto stored = little_endian(bytes, at + 20, 4);
    const auto name_size = little_endian(bytes, at + 28, 2);
    const auto rest = little_endian(bytes, at + 30, 2) + little_endian(bytes, at + 32, 2);
    const auto begin = little_endian(bytes, at + 42, 4);
    if (at + header_size + name_size + rest > bytes.size())
      file.fail("is damaged: its table of contents is cut short");
    archive.entries.push_back(bytes.substr(at + header_size, name_size));
    const bool wide = stored == 0xffffffff || begin == 0xffffffff;
    if (!wide && (begin > file.size() || stored > file.size() - begin)) {
      file.fail(message("is cut short or damaged: its entry \"", archive.entries.back(),
                        "\" ends past the file's end"));
    }
    at += header_size + name_size + rest;
  }
  return archive;
}

} // namespace spade::graph
