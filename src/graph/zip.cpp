// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// The table of contents stands at the end, found by the end record behind it; every entry has a second header
// right before its bytes.
#include "zip.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include <spade/core/error.hpp>

#include "core/crc32.hpp"
#include "printable.hpp"

namespace spade::graph {
namespace {

constexpr std::uint64_t end_size = 22;
constexpr std::uint64_t longest_comment = 0xffff;
constexpr std::uint64_t header_size = 46;
constexpr std::uint64_t local_header_size = 30;
constexpr std::uint64_t wide = 0xffffffff; // the value is in a field of 64 bits elsewhere

class Reader {
public:
  Reader(std::span<std::byte> bytes, const std::string& what) : bytes_(bytes), what_(what) {}

  [[noreturn]] void fail(const std::string& why) const { throw FileError(message(what_, " ", why)); }
  [[noreturn]] void fail(const std::string& name, const std::string& why) const {
    fail(message("is damaged: its entry \"", printable(name), "\" ", why));
  }

  [[nodiscard]] std::uint64_t size() const { return bytes_.size(); }

  [[nodiscard]] bool reaches(std::uint64_t at, std::uint64_t count) const {
    return at <= size() && count <= size() - at;
  }

  [[nodiscard]] std::span<std::byte> part(std::uint64_t at, std::uint64_t count) const {
    if (!reaches(at, count)) fail("is cut short or damaged: its table of contents points past its end");
    return bytes_.subspan(at, count);
  }

  [[nodiscard]] std::string_view text(std::uint64_t at, std::uint64_t count) const {
    const auto found = part(at, count);
    return {reinterpret_cast<const char*>(found.data()), found.size()};
  }

  [[nodiscard]] std::uint64_t number(std::uint64_t at, std::size_t count) const {
    const auto found = part(at, count);
    std::uint64_t value = 0;
    for (std::size_t i = count; i-- > 0;)
      value = value << 8 | static_cast<std::uint64_t>(found[i]);
    return value;
  }

private:
  std::span<std::byte> bytes_;
  const std::string& what_;
};

struct Directory {
  std::uint64_t offset;
  std::uint64_t size;
  std::uint64_t entries;
};

Directory find_directory(const Reader& file) {
  const auto tail_size = std::min(file.size(), end_size + longest_comment);
  const auto tail_at = file.size() - tail_size;
  const auto tail = file.text(tail_at, tail_size);
  auto at = tail.rfind("PK\x05\x06");
  // The record ends where the file does: else it is another archive's, inside this one.
  while (at != std::string_view::npos &&
         (tail.size() - at < end_size || file.number(tail_at + at + 20, 2) != tail.size() - at - end_size)) {
    at = at == 0 ? std::string_view::npos : tail.rfind("PK\x05\x06", at - 1);
  }
  if (at == std::string_view::npos) {
    const bool starts_as_zip = file.size() >= 4 && file.text(0, 4) == "PK\x03\x04";
    file.fail(starts_as_zip
                  ? "is cut short: the table of contents at its end is missing; copy or download it again"
                  : "is not a model file: neither TorchScript, nor a torch.export archive, nor any other zip "
                    "archive");
  }
  const auto end_at = tail_at + at;
  Directory directory{file.number(end_at + 16, 4), file.number(end_at + 12, 4), file.number(end_at + 10, 2)};
  if (directory.offset == wide || directory.entries == 0xffff || directory.size == wide) {
    // A locator of 20 bytes stands before the end record and says where the wide one is.
    if (end_at < 20 || file.text(end_at - 20, 4) != "PK\x06\x07")
      file.fail("is damaged: its zip64 locator is missing");
    const auto record = file.number(end_at - 12, 8);
    if (file.text(record, 56).substr(0, 4) != "PK\x06\x06")
      file.fail("is damaged: its zip64 record is missing");
    directory = {file.number(record + 48, 8), file.number(record + 40, 8), file.number(record + 32, 8)};
  }
  (void)file.part(directory.offset, directory.size);
  if (directory.entries > directory.size / header_size) {
    file.fail(message("is damaged: its table of contents of ", directory.size, " bytes cannot hold the ",
                      directory.entries, " entries that it claims"));
  }
  return directory;
}

/// An entry as the table of contents has it.
struct Record {
  std::string name;
  std::uint64_t stored;
  std::uint64_t size;
  std::uint64_t header;
  std::uint64_t method;
  std::uint64_t checksum;
};

/// Takes the 64-bit values that stand for 0xffffffff from the extra field.
void widen(const Reader& file, Record& record, std::uint64_t extra, std::uint64_t extra_size) {
  if (record.size != wide && record.stored != wide && record.header != wide) return;
  for (const auto end = extra + extra_size; extra + 4 <= end;) {
    const auto id = file.number(extra, 2);
    auto length = file.number(extra + 2, 2);
    auto at = extra + 4;
    if (length > end - at) break;
    extra = at + length;
    if (id != 1) continue;
    for (auto* value : {&record.size, &record.stored, &record.header}) {
      if (*value != wide) continue;
      if (length < 8) file.fail(record.name, "lacks its 64-bit sizes");
      *value = file.number(at, 8);
      at += 8;
      length -= 8;
    }
    return;
  }
  file.fail(record.name, "lacks its 64-bit sizes");
}

void check_name(const Reader& file, const std::string& name) {
  const auto path = message('/', name, '/');
  const bool drive = name.size() > 1 && name[1] == ':';
  if (name.empty() || name[0] == '/' || drive || path.find("/../") != std::string::npos ||
      path.find("/./") != std::string::npos || name.find('\\') != std::string::npos ||
      name.find('\0') != std::string::npos) {
    file.fail(name, "has a name that is no path inside the archive");
  }
}

ZipEntry locate(const Reader& file, const Record& record, const Directory& directory) {
  if (!file.reaches(record.header, record.stored) || !file.reaches(record.header, local_header_size)) {
    file.fail(message("is cut short or damaged: its entry \"", printable(record.name),
                      "\" ends past the file's end"));
  }
  if (file.text(record.header, 4) != "PK\x03\x04") file.fail(record.name, "does not begin with its header");
  const auto name_size = file.number(record.header + 26, 2);
  const auto begin = record.header + local_header_size + name_size + file.number(record.header + 28, 2);
  if (!file.reaches(record.header + local_header_size, name_size) ||
      file.text(record.header + local_header_size, name_size) != record.name) {
    file.fail(record.name, "has another name where it begins");
  }
  if (begin > directory.offset || record.stored > directory.offset - begin) {
    file.fail(message("is cut short or damaged: its entry \"", printable(record.name),
                      "\" ends past the file's end, or inside its table of contents"));
  }
  if (record.method == 0 && record.stored != record.size) {
    file.fail(record.name,
              message("is stored as it is, in ", record.stored, " bytes, but claims ", record.size));
  }
  return {record.name, file.part(begin, record.stored), record.size, record.method != 0,
          static_cast<std::uint32_t>(record.checksum)};
}

} // namespace

std::vector<ZipEntry> read_zip(std::span<std::byte> bytes, const std::string& what) {
  const Reader file(bytes, what);
  const auto directory = find_directory(file);
  const auto end = directory.offset + directory.size;
  std::vector<ZipEntry> entries;
  std::unordered_set<std::string> names;
  auto at = directory.offset;
  for (std::uint64_t i = 0; i < directory.entries; ++i) {
    if (end - at < header_size || file.text(at, 4) != "PK\x01\x02")
      file.fail("is damaged: its table of contents is not readable");
    const auto name_size = file.number(at + 28, 2);
    const auto extra_size = file.number(at + 30, 2);
    const auto rest = name_size + extra_size + file.number(at + 32, 2);
    if (rest > end - at - header_size) file.fail("is damaged: its table of contents is cut short");
    Record record{std::string(file.text(at + header_size, name_size)),
                  file.number(at + 20, 4),
                  file.number(at + 24, 4),
                  file.number(at + 42, 4),
                  file.number(at + 10, 2),
                  file.number(at + 16, 4)};
    check_name(file, record.name);
    if (!names.insert(record.name).second) file.fail(record.name, "is there twice");
    if ((file.number(at + 8, 2) & 1) != 0) file.fail(record.name, "is encrypted");
    widen(file, record, at + header_size + name_size, extra_size);
    entries.push_back(locate(file, record, directory));
    at += header_size + rest;
  }
  std::vector<const ZipEntry*> order;
  for (const auto& entry : entries)
    order.push_back(&entry);
  std::sort(order.begin(), order.end(),
            [](const auto* a, const auto* b) { return a->stored.data() < b->stored.data(); });
  for (std::size_t i = 1; i < order.size(); ++i) {
    if (order[i - 1]->stored.data() + order[i - 1]->stored.size() > order[i]->stored.data())
      file.fail(order[i]->name, message("overlaps \"", printable(order[i - 1]->name), "\""));
  }
  return entries;
}

void check_content(const ZipEntry& entry, std::span<const std::byte> content, const std::string& what) {
  if (entry.checksum == 0 || entry.checksum == crc32(content)) return;
  throw FileError(
      message(what, " is damaged: the bytes of its entry \"", printable(entry.name),
              "\" are not those that were written (their CRC-32 is another); copy or download the "
              "file again"));
}

std::span<std::byte> content(const ZipEntry& entry, const std::string& what) {
  if (entry.compressed) {
    throw FileError(message(what, ": its entry \"", entry.name,
                            "\" is compressed; weights are mapped from the file, so pack it again without "
                            "compression (zip -0), or save it anew with torch.export.save"));
  }
  check_content(entry, entry.stored, what);
  return entry.stored;
}

} // namespace spade::graph
