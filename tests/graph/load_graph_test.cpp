// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

#include <spade/core/error.hpp>
#include <spade/graph/importer.hpp>

using Catch::Matchers::Contains;

namespace {

/// A folder of its own, removed afterwards.
class Scratch {
public:
  Scratch() : folder_(std::filesystem::temp_directory_path() / "spade_load_graph_test") {
    std::filesystem::create_directories(folder_);
  }
  ~Scratch() { std::filesystem::remove_all(folder_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  [[nodiscard]] std::string file(const std::string& name, const std::string& content) const {
    const auto path = folder_ / name;
    std::ofstream(path, std::ios::binary) << content;
    return path.string();
  }
  [[nodiscard]] std::string folder() const { return folder_.string(); }

private:
  std::filesystem::path folder_;
};

void refuses(const std::string& path, const std::string& reason) {
  const auto example = at::zeros({1, 3});
  REQUIRE_THROWS_AS(spade::load_graph(path, example), spade::FileError);
  REQUIRE_THROWS_WITH(spade::load_graph(path, example), Contains(reason) && Contains(path));
}

} // namespace

TEST_CASE("files that are no models are refused with the reason", "[graph]") {
  const Scratch scratch;
  refuses(scratch.folder() + "/nowhere.pt", "does not exist");
  refuses(scratch.folder(), "is a directory");
  refuses(scratch.file("empty.pt", ""), "is empty");
  refuses(scratch.file("text.pt", "this is no model at all, but a text of some length"),
          "is not a model file");
  refuses(scratch.file("cut.pt", "PK\x03\x04 the beginning of a zip archive and no end"), "is cut short");
}

TEST_CASE("an example without samples is refused", "[graph]") {
  REQUIRE_THROWS_AS(spade::load_graph("model.pt", at::Tensor()), spade::InvalidArgument);
  REQUIRE_THROWS_WITH(spade::load_graph("model.pt", at::zeros({0, 3})), Contains("[0, 3]"));
}
