// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <iterator>

#include <ATen/ATen.h>
#include <catch2/catch.hpp>

#include <spade/core/error.hpp>
#include <spade/graph/importer.hpp>

#include "graph/scripted.hpp"
#include "graph/zip_writer.hpp"

using Catch::Matchers::Contains;
using namespace spade;
using testing::numbers;
using testing::Scratch;
using testing::Scripted;

namespace {

void refuses(const std::string& path, const std::string& reason) {
  const auto example = at::zeros({1, 3});
  REQUIRE_THROWS_AS(load_graph(path, example), FileError);
  REQUIRE_THROWS_WITH(load_graph(path, example), Contains(reason) && Contains(path));
}

/// A zip archive of empty entries.
std::string zip_of(const std::vector<std::string>& names, std::optional<std::uint64_t> claimed_size = {}) {
  std::vector<testing::ZipFile> files;
  for (const auto& name : names) {
    files.emplace_back();
    files.back().name = name;
    files.back().claimed_stored = claimed_size;
  }
  return testing::zip(files);
}

const Scripted small{"def forward(self, x):\n  return torch.relu(torch.linear(x, self.weight))\n",
                     {{"weight", numbers({2, 3})}},
                     {},
                     {}};

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace

TEST_CASE("files that are no models are refused with the reason", "[graph]") {
  const Scratch scratch;
  refuses(scratch.path("nowhere.pt"), "does not exist");
  refuses(scratch.path(""), "is a directory");
  refuses(scratch.write("empty.pt", ""), "is empty");
  refuses(scratch.write("text.pt", "this is no model at all, but a text of some length"),
          "is not a model file");
  refuses(scratch.write("cut.pt", "PK\x03\x04 the beginning of a zip archive and no end"), "is cut short");
  refuses(scratch.write("other.pt", zip_of({"a/b.txt"})), "but no model");
  refuses(scratch.write("weights.pt", zip_of({"archive/data.pkl", "archive/version"})),
          "keeps the weights only");
  refuses(scratch.write("huge.pt", zip_of({"m/constants.pkl", "m/code/a.py"}, 0xfffffff0)),
          "ends past the file's end");
  refuses(scratch.write("hollow.pt", zip_of({"m/constants.pkl", "m/code/a.py"})), "is damaged");
  auto wrong = zip_of({"a"});
  wrong[wrong.size() - 3] = '\x7f';
  refuses(scratch.write("wrong.pt", wrong), "points past its end");
}

TEST_CASE("truncated models are refused wherever they end", "[graph]") {
  const Scratch scratch;
  const auto whole = bytes_of(scratch.save(small));
  for (std::size_t size = 1; size < whole.size(); size += 97) {
    const auto path = scratch.write("cut.pt", whole.substr(0, size));
    REQUIRE_THROWS_AS(load_graph(path, at::zeros({1, 3})), FileError);
  }
}

TEST_CASE("garbage inside a model is an exception or harmless", "[graph]") {
  const Scratch scratch;
  const auto whole = bytes_of(scratch.save(small));
  int refused = 0;
  for (std::size_t at = 0; at < whole.size(); at += 53) {
    auto damaged = whole;
    for (std::size_t i = at; i < std::min(at + 3, damaged.size()); ++i)
      damaged[i] = static_cast<char>(damaged[i] ^ 0xa5);
    try {
      (void)load_graph(scratch.write("garbage.pt", damaged), at::zeros({1, 3}));
    } catch (const Error&) {
      ++refused; // anything else ends the test
    }
  }
  CHECK(refused > 10);
}

TEST_CASE("a model with one wrong bit in its weights is refused", "[graph]") {
  const Scratch scratch;
  const auto whole = bytes_of(scratch.save(small));
  const auto& weight = small.parameters.at(0).second;
  const std::string values(static_cast<const char*>(weight.data_ptr()),
                           static_cast<std::size_t>(weight.nbytes()));
  const auto at = whole.find(values);
  REQUIRE(at != std::string::npos);
  CHECK(load_graph(scratch.write("whole.pt", whole), at::zeros({1, 3})).layers().size() == 1);
  for (const std::size_t bit : {std::size_t{0}, std::size_t{77}, 8 * values.size() - 1}) {
    auto damaged = whole;
    damaged[at + bit / 8] = static_cast<char>(damaged[at + bit / 8] ^ (1 << (bit % 8)));
    refuses(scratch.write("flipped.pt", damaged), "data/0\" are not those that were written");
  }
}

TEST_CASE("a model that unpacks to more than it can be is refused before it does", "[graph]") {
  const Scratch scratch;
  const auto files = testing::unzip(scratch.save(small));
  for (const std::string packed : {".py", "/data.pkl", "/data/0"}) {
    auto bomb = files;
    std::size_t found = 0;
    for (auto& file : bomb) {
      if (!file.name.ends_with(packed)) continue;
      file.method = 8;
      file.claimed_size = 4'000'000'000;
      ++found;
    }
    REQUIRE(found == 1);
    refuses(scratch.write("bomb.pt", testing::zip(bomb)), packed + "\" the last, unpack to over 256 MiB");
  }
}

TEST_CASE("an example without samples is refused", "[graph]") {
  REQUIRE_THROWS_AS(load_graph("model.pt", at::Tensor()), InvalidArgument);
  REQUIRE_THROWS_WITH(load_graph("model.pt", at::zeros({0, 3})), Contains("[0, 3]"));
  REQUIRE_THROWS_WITH(load_graph("model.pt", at::zeros({})), Contains("batch dimension"));
}
