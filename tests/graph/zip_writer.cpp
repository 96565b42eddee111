// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/zip_writer.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "io/png_writer.hpp"

namespace spade::testing {
namespace {

std::uint64_t number(const std::string& bytes, std::size_t at, int count) {
  std::uint64_t value = 0;
  for (int i = count; i-- > 0;)
    value = value << 8 | static_cast<unsigned char>(bytes.at(at + static_cast<std::size_t>(i)));
  return value;
}

} // namespace

std::string little_endian(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i)
    text += static_cast<char>(value >> (8 * i) & 0xff);
  return text;
}

std::string zip(const std::vector<ZipFile>& files, const ZipOptions& options) {
  std::string body, directory;
  for (const auto& file : files) {
    const auto begin = body.size();
    const auto name = file.local_name.value_or(file.name);
    const auto stored = file.claimed_stored.value_or(file.content.size());
    const auto size = file.claimed_size.value_or(file.claimed_stored.value_or(file.content.size()));
    const auto offset = file.claimed_offset.value_or(begin);
    const auto checksum = little_endian(file.claimed_checksum.value_or(tests::crc32(file.content)), 4);
    const auto content_at = begin + 30 + name.size() + 4;
    const auto padding = (options.alignment - content_at % options.alignment) % options.alignment;
    body += "PK\x03\x04" + little_endian(45, 2) + little_endian(file.flags, 2) +
            little_endian(file.method, 2) + std::string(4, '\0') + checksum + little_endian(stored, 4) +
            little_endian(size, 4) + little_endian(name.size(), 2) + little_endian(padding + 4, 2) + name +
            "FB" + little_endian(padding, 2) + std::string(padding, 'Z') + file.content;
    const auto narrow = [&](std::uint64_t value) {
      return options.wide ? std::string(4, '\xff') : little_endian(value, 4);
    };
    const auto extra = options.wide ? little_endian(1, 2) + little_endian(24, 2) + little_endian(size, 8) +
                                          little_endian(stored, 8) + little_endian(offset, 8)
                                    : std::string();
    directory += "PK\x01\x02" + little_endian(45, 2) + little_endian(45, 2) + little_endian(file.flags, 2) +
                 little_endian(file.method, 2) + std::string(4, '\0') + checksum + narrow(stored) +
                 narrow(size) + little_endian(file.name.size(), 2) + little_endian(extra.size(), 2) +
                 std::string(10, '\0') + narrow(offset) + file.name + extra;
  }
  const auto entries = options.claimed_entries.value_or(files.size());
  std::string end;
  if (options.wide) {
    end = "PK\x06\x06" + little_endian(44, 8) + little_endian(45, 2) + little_endian(45, 2) +
          std::string(8, '\0') + little_endian(entries, 8) + little_endian(entries, 8) +
          little_endian(directory.size(), 8) + little_endian(body.size(), 8) + "PK\x06\x07" +
          std::string(4, '\0') + little_endian(body.size() + directory.size(), 8) + little_endian(1, 4);
    return body + directory + end + "PK\x05\x06" + std::string(4, '\0') + std::string(12, '\xff') +
           std::string(2, '\0');
  }
  return body + directory + "PK\x05\x06" + std::string(4, '\0') + little_endian(entries, 2) +
         little_endian(entries, 2) + little_endian(directory.size(), 4) + little_endian(body.size(), 4) +
         std::string(2, '\0');
}

std::vector<ZipFile> unzip(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const auto end = bytes.rfind("PK\x05\x06");
  if (end == std::string::npos) throw std::runtime_error(path + " is no zip archive");
  std::vector<ZipFile> files;
  auto at = number(bytes, end + 16, 4);
  for (auto left = number(bytes, end + 10, 2); left > 0; --left) {
    const auto name_size = number(bytes, at + 28, 2);
    const auto header = number(bytes, at + 42, 4);
    const auto content = header + 30 + number(bytes, header + 26, 2) + number(bytes, header + 28, 2);
    ZipFile entry;
    entry.name = bytes.substr(at + 46, name_size);
    entry.content = bytes.substr(content, number(bytes, at + 20, 4));
    entry.method = static_cast<std::uint16_t>(number(bytes, at + 10, 2));
    if (entry.method != 0) {
      entry.claimed_size = number(bytes, at + 24, 4);
      entry.claimed_checksum = number(bytes, at + 16, 4);
    }
    files.push_back(std::move(entry));
    at += 46 + name_size + number(bytes, at + 30, 2) + number(bytes, at + 32, 2);
  }
  return files;
}

} // namespace spade::testing
