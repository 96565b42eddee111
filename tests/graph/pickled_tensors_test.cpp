// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Files of torch.save, written here instruction by instruction.
#include <ATen/ATen.h>
#include <catch2/catch.hpp>

#include <spade/core/error.hpp>

#include "graph/exported/pickled_tensors.hpp"
#include "graph/scripted.hpp"
#include "graph/torch_save.hpp"
#include "graph/zip_writer.hpp"

using Catch::Matchers::Contains;
using namespace spade;
using testing::numbers;
using namespace testing::pickle;

namespace {

const auto yes = boolean(true);
const auto no = boolean(false);

/// A weight [3, 4], as a parameter, and its middle row.
std::string usual(const std::string& extra = "") {
  const auto weight = tensor(storage("FloatStorage", "0"), integer(0), tuple({integer(3), integer(4)}),
                             tuple({integer(4), integer(1)}));
  const auto row = tensor(storage("FloatStorage", "0"), integer(4), tuple({integer(4)}), tuple({integer(1)}));
  return "\x80\x02" + empty_dict() + "q\x01(" + text("weight") + "ctorch._utils\n_rebuild_parameter\n" +
         tuple({weight, yes, empty_dict()}) + "R" + text("row") + row + extra + "u}" + text("_metadata") +
         "h\x01" + "sb.";
}

std::string archive(const std::string& pickle) {
  const auto values = numbers({12});
  std::vector<testing::ZipFile> files(3);
  files[0].name = "archive/data.pkl";
  files[0].content = pickle;
  files[1].name = "archive/byteorder";
  files[1].content = "little";
  files[2].name = "archive/data/0";
  files[2].content = {static_cast<const char*>(values.data_ptr()), 48};
  return testing::zip(files);
}

graph::exported::NamedTensors read(const std::string& bytes) {
  auto owner = std::make_shared<std::string>(bytes);
  const auto view = std::as_writable_bytes(std::span(*owner));
  return graph::exported::read_pickled_tensors({view, owner}, "the file");
}

void refuses(const std::string& pickle, const std::string& reason) {
  REQUIRE_THROWS_AS(read(archive(pickle)), FileError);
  REQUIRE_THROWS_WITH(read(archive(pickle)), Contains(reason) && Contains("the file"));
}

std::string with_value(const std::string& value) {
  return "\x80\x02}" + text("name") + value + "s.";
}

} // namespace

TEST_CASE("pickled tensors are read: values, views, leaves", "[graph][pickle]") {
  const auto tensors = read(archive(usual()));
  REQUIRE(tensors.size() == 2);
  CHECK(at::equal(tensors.at("weight"), numbers({3, 4}) * 1));
  CHECK(at::equal(tensors.at("row"), numbers({3, 4})[1]));
  CHECK(tensors.at("weight").requires_grad());
  CHECK(tensors.at("weight").is_leaf());
  CHECK(!tensors.at("row").requires_grad());
  CHECK(tensors.at("row").is_alias_of(tensors.at("weight")));
}

TEST_CASE("a pickle that calls anything else is refused by name", "[graph][pickle]") {
  refuses(with_value("cposix\nsystem\n" + tuple({text("echo")}) + "R"), "\"posix system\"");
  refuses(with_value("cbuiltins\neval\n" + tuple({text("1")}) + "R"), "\"builtins eval\"");
  refuses(with_value(text("os") + text("system") + "\x93" + ")R"), "\"os system\"");
  refuses(with_value(text("a") + ")R"), "calls what is no function");
  refuses(with_value("ctorch\nFloatStorage\n)R"), "calls torch FloatStorage");
}

TEST_CASE("pickled tensors that do not lie in their storage are refused", "[graph][pickle]") {
  const auto lying = [](std::int64_t offset, std::int64_t size, std::int64_t stride) {
    return with_value(tensor(storage("FloatStorage", "0"), integer(offset), tuple({integer(size)}),
                             tuple({integer(stride)})));
  };
  refuses(lying(0, 13, 1), "does not lie inside its stored 48 bytes");
  refuses(lying(1, 12, 1), "does not lie inside");
  refuses(lying(-1, 12, 1), "negative");
  refuses(lying(0, 2, std::int64_t{1} << 62), "does not lie inside");
  refuses(lying(0, 3, std::int64_t{1} << 62), "64 bits");
  refuses(lying(0, std::int64_t{1} << 60, 0), "too often");
  refuses(with_value(
              tensor(storage("DoubleStorage", "0"), integer(0), tuple({integer(12)}), tuple({integer(1)}))),
          "does not lie inside");
  refuses(with_value(tensor(storage("FloatStorage", "1"), integer(0), tuple({}), tuple({}))),
          "data/1\" is missing");
  refuses(with_value(tensor(storage("FloatStorage", "0"), text("0"), tuple({}), tuple({}))), "another kind");
}

TEST_CASE("pickles that are no dictionary of tensors are refused", "[graph][pickle]") {
  refuses(with_value("K\x01"), "something else than named tensors");
  refuses("\x80\x02K\x01.", "no dictionary");
  refuses("\x80\x02" + tuple({yes}) + yes + "b.", "an object that is not read");
  refuses("\x80\x02i.", "instruction 105");
  refuses("\x80\x02.", "more values than it makes");
  refuses("\x80\x02h\x05.", "reads what it has not written");
  refuses("\x80\x02t.", "closes a list");
  refuses("\x80\x02}K\x01"
          "a.",
          "fills something else");
  refuses(std::string("\x80\x02X\xff\xff\xff\xff") + "abc", "ends too early");
  refuses(std::string("\x80\x02\x8d") + std::string(8, '\xff') + "abc", "ends too early");
  refuses("", "ends too early");
}

TEST_CASE("a pickle that nests a million deep does no harm", "[graph][pickle]") {
  std::string deep = "\x80\x02)";
  deep.append(1'000'000, '\x85');
  refuses(deep + ".", "nest over 1000 deep");
  refuses(std::string("\x80\x02").append(5'000'000, 'N'), "over 4000000 values");
  refuses(std::string(1'000'000, '('), "ends too early");
}

TEST_CASE("a pickle cut or damaged anywhere is refused or harmless", "[graph][pickle]") {
  const auto whole = usual();
  for (std::size_t size = 0; size + 1 < whole.size(); ++size)
    REQUIRE_THROWS_AS(read(archive(whole.substr(0, size))), FileError);
  int refused = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const char flip : {'\x01', '\x20', '\xff'}) {
      auto damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      try {
        (void)read(archive(damaged));
      } catch (const FileError&) {
        ++refused;
      }
    }
  }
  CHECK(refused > 500);
}

TEST_CASE("storages are shared where they are aligned, else copied", "[graph][pickle]") {
  const auto memory = std::make_shared<std::vector<std::byte>>(256);
  const auto begin = reinterpret_cast<std::uintptr_t>(memory->data());
  const auto first = static_cast<std::size_t>((64 - begin % 64) % 64);
  const std::span<std::byte> bytes(*memory);
  const auto shared = graph::exported::storage_of({bytes.subspan(first, 64), memory});
  CHECK(shared.data() == memory->data() + first);
  CHECK(memory.use_count() == 2);
  const auto copied = graph::exported::storage_of({bytes.subspan(first + 4, 64), memory});
  CHECK(reinterpret_cast<std::uintptr_t>(copied.data()) % 64 == 0);
  CHECK(memory.use_count() == 2);
}
