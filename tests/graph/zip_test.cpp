// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <map>

#include <catch2/catch.hpp>

#include <spade/core/error.hpp>

#include "graph/mapped_file.hpp"
#include "graph/scripted.hpp"
#include "graph/zip.hpp"
#include "graph/zip_writer.hpp"

using Catch::Matchers::Contains;
using namespace spade;
using testing::Scratch;
using testing::zip;
using testing::ZipFile;

namespace {

std::map<std::string, std::string> read(const std::string& archive) {
  auto bytes = archive;
  const auto view = std::as_writable_bytes(std::span(bytes));
  std::map<std::string, std::string> files;
  for (const auto& entry : graph::read_zip(view, "the archive")) {
    const auto content = graph::content(entry, "the archive");
    files[entry.name] = {reinterpret_cast<const char*>(content.data()), content.size()};
  }
  return files;
}

void refuses(const std::string& archive, const std::string& reason) {
  REQUIRE_THROWS_AS(read(archive), FileError);
  REQUIRE_THROWS_WITH(read(archive), Contains(reason) && Contains("the archive"));
}

ZipFile file(const std::string& name, const std::string& content = "content") {
  ZipFile result;
  result.name = name;
  result.content = content;
  return result;
}

ZipFile lying(const std::function<void(ZipFile&)>& lie) {
  auto result = file("a/b");
  lie(result);
  return result;
}

} // namespace

TEST_CASE("a zip archive gives its entries, narrow and wide", "[graph][zip]") {
  const bool wide = GENERATE(false, true);
  testing::ZipOptions options;
  options.wide = wide;
  options.alignment = GENERATE(1u, 64u);
  const std::map<std::string, std::string> files{{"a", "1"}, {"b/c", std::string(1000, 'x')}, {"empty", ""}};
  std::vector<ZipFile> entries;
  for (const auto& [name, content] : files)
    entries.push_back(file(name, content));
  CHECK(read(zip(entries, options)) == files);
}

TEST_CASE("an archive inside an archive is not taken for it", "[graph][zip]") {
  const auto inner = zip({file("inner")});
  const auto outer = zip({file("outer", inner)});
  CHECK(read(outer) == std::map<std::string, std::string>{{"outer", inner}});
  // Cut right behind the inner archive, it ends like a whole one.
  const auto cut = outer.substr(0, outer.find(inner) + inner.size());
  REQUIRE_THROWS_AS(read(cut), FileError);
}

TEST_CASE("names that lead out of the archive are refused", "[graph][zip]") {
  for (const std::string name :
       {"/etc/passwd", "../a", "a/../../b", "a/..", "./a", "a/./b", "..", "c:a", "a\\b", ""})
    refuses(zip({file(name)}), "no path inside the archive");
  refuses(zip({file(std::string("a\0b", 3))}), "no path inside the archive");
  CHECK(read(zip({file("a..b/..c/d.")})).size() == 1);
}

TEST_CASE("entries that are not what they claim are refused", "[graph][zip]") {
  refuses(zip({file("a"), file("a")}), "twice");
  refuses(zip({lying([](auto& f) { f.claimed_stored = 0xfffffff0; })}), "past the file's end");
  refuses(zip({lying([](auto& f) { f.claimed_stored = 60; })}), "inside its table of contents");
  refuses(zip({lying([](auto& f) { f.claimed_offset = 0xfffffff0; })}), "past the file's end");
  refuses(zip({lying([](auto& f) { f.claimed_offset = 1; })}), "does not begin with its header");
  refuses(zip({lying([](auto& f) { f.claimed_size = 8; })}), "claims 8");
  refuses(zip({lying([](auto& f) { f.flags = 1; })}), "encrypted");
  refuses(zip({lying([](auto& f) { f.local_name = "other"; })}), "another name where it begins");
  auto second = file("a/b");
  second.claimed_offset = 0;
  auto first = file("a/c");
  first.local_name = "a/b";
  refuses(zip({second, first}), "another name");
  auto overlapping = file("b", zip({file("a")}));
  auto inside = file("a");
  inside.claimed_offset = 30 + 1 + 4 + 64 - (30 + 1 + 4) % 64;
  refuses(zip({overlapping, inside}), "overlaps");
}

TEST_CASE("a content that is not what was written is refused", "[graph][zip]") {
  for (const bool wide : {false, true}) {
    const auto whole = zip({file("a"), file("b/c", "some content")}, {1, wide, {}});
    auto damaged = whole;
    damaged[damaged.find("some content") + 3] ^= 4;
    refuses(damaged, "the bytes of its entry \"b/c\" are not those that were written");
  }
  refuses(zip({lying([](auto& f) { f.claimed_checksum = 1; })}), "copy or download the file again");
  // torch.serialization.set_crc32_options(False) leaves 0.
  CHECK(read(zip({lying([](auto& f) { f.claimed_checksum = 0; })})).at("a/b") == "content");
}

TEST_CASE("a compressed entry is refused when it is read", "[graph][zip]") {
  auto entry = file("a");
  entry.method = 8;
  entry.claimed_size = 4'000'000'000; // a bomb
  refuses(zip({entry}), "compressed");
}

TEST_CASE("sizes of 64 bits are checked as well", "[graph][zip]") {
  testing::ZipOptions wide;
  wide.wide = true;
  refuses(zip({lying([](auto& f) { f.claimed_stored = ~std::uint64_t{0}; })}, wide), "past the file's end");
  refuses(zip({lying([](auto& f) { f.claimed_offset = ~std::uint64_t{0} - 10; })}, wide),
          "past the file's end");
  wide.claimed_entries = ~std::uint64_t{0};
  refuses(zip({file("a")}, wide), "cannot hold");
  wide.claimed_entries = 2;
  refuses(zip({file("a")}, wide), "cannot hold");
  auto lost = zip({file("a")}, {64, true, {}});
  lost[lost.size() - 22 - 20] = 'x';
  refuses(lost, "zip64 locator");
  auto astray = zip({file("a")}, {64, true, {}});
  astray.replace(astray.size() - 22 - 12, 8, testing::little_endian(3, 8));
  refuses(astray, "zip64 record");
  astray.replace(astray.size() - 22 - 12, 8, std::string(8, '\xfe'));
  refuses(astray, "points past its end");
}

TEST_CASE("an archive cut anywhere is refused", "[graph][zip]") {
  const auto whole = zip({file("a"), file("b/c", std::string(100, 'x'))});
  for (std::size_t size = 0; size < whole.size(); ++size)
    REQUIRE_THROWS_AS(read(whole.substr(0, size)), FileError);
}

TEST_CASE("an archive with a wrong byte anywhere is refused or read", "[graph][zip]") {
  const auto wide = GENERATE(false, true);
  const auto whole = zip({file("a"), file("b/c", std::string(10, 'x'))}, {1, wide, {}});
  int refused = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const char flip : {'\x01', '\x80', '\xff'}) {
      auto damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      try {
        (void)read(damaged);
      } catch (const FileError&) {
        ++refused;
      }
    }
  }
  CHECK(refused > 100);
}

TEST_CASE("a mapped file is the file's bytes and is not written to", "[graph][zip]") {
  const Scratch scratch;
  const auto path = scratch.write("bytes", "some bytes");
  {
    graph::MappedFile file(path);
    CHECK(file.bytes().size() == 10);
    CHECK(file.bytes()[0] == std::byte{'s'});
    file.bytes()[0] = std::byte{'x'};
  }
  CHECK(graph::MappedFile(path).bytes()[0] == std::byte{'s'});
  REQUIRE_THROWS_WITH(graph::MappedFile("/dev/null"), Contains("no regular file"));
}
