// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/io/plan_file.hpp>

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <spade/core/error.hpp>

#include "temporary_folder.hpp"

namespace {

using spade::parse_plan;
using spade::SparsityPlan;

// What a text is refused with; empty where it is taken.
std::string refusal(const std::string& text) {
  try {
    (void)parse_plan(text, "p.json");
  } catch (const spade::InvalidArgument& error) {
    return error.what();
  }
  return {};
}

spade::Layer layer(const std::string& name, std::int64_t groups = 1) {
  const std::vector<std::int64_t> extents{groups, 2, 3};
  spade::Layer made;
  made.name = name;
  made.weight = spade::TensorView::owning(std::vector<float>(static_cast<std::size_t>(groups * 6)), extents);
  if (groups > 1) made.window.kernel = {3};
  return made;
}

TEST_CASE("a plan file says what the builder says", "[plan_file]") {
  const std::vector<spade::Layer> layers{layer("conv1"), layer("layer1.0.conv1"), layer("layer1.0.dw", 4),
                                         layer("layer2.0.conv1"), layer("fc")};
  const auto plan =
      parse_plan(R"({"comment": "by hand", "by_depth": [0.25, 0.75], "dense_first": true, "depthwise": 0.125,
                                   "layers": {"layer1.*": 0.5, "layer1.0.d?": 0.375, "fc": 1}})");
  const auto built = SparsityPlan::by_depth({0.25, 0.75})
                         .dense_first()
                         .depthwise(0.125)
                         .layer("layer1.*", 0.5)
                         .layer("layer1.0.d?", 0.375)
                         .layer("fc", 1);
  CHECK(plan.resolve(layers) == built.resolve(layers));
  CHECK(plan.resolve(layers)[2] == 0.375);
}

TEST_CASE("the layers of a plan file apply in the order in which they stand", "[plan_file]") {
  const std::vector<spade::Layer> layers{layer("a"), layer("b")};
  CHECK(parse_plan(R"({"uniform": 0, "layers": {"b": 0.5, "*": 0.25}})").resolve(layers) ==
        std::vector<double>{0.25, 0.25});
  CHECK(parse_plan(R"({"uniform": 0, "layers": {"*": 0.25, "b": 0.5}})").resolve(layers) ==
        std::vector<double>{0.25, 0.5});
}

TEST_CASE("a plan survives its text", "[plan_file]") {
  const std::vector<spade::Layer> layers{layer("a"), layer("b", 4), layer("c")};
  const auto plan = GENERATE(
      SparsityPlan::uniform(0.95), SparsityPlan::by_depth({0.1, 0.2, 0.3}).depthwise(0),
      SparsityPlan::uniform(0.1 + 0.2).dense_first().layer("b", 0.25).layer("?", 0.5).layer("b", 0.75));
  const auto text = spade::plan_text(plan);
  CHECK(parse_plan(text).resolve(layers) == plan.resolve(layers));
  CHECK(spade::plan_text(parse_plan(text)) == text);
  CHECK(text.find('\n') == std::string::npos);
}

TEST_CASE("a plan file that is none is refused, with what is wrong", "[plan_file]") {
  CHECK_THAT(refusal(""), Catch::StartsWith("p.json: not JSON ("));
  CHECK_THAT(refusal("{\"uniform\": 0.5"), Catch::StartsWith("p.json: not JSON ("));
  CHECK_THAT(refusal("[0.5]"), Catch::Contains("a plan is a JSON object"));
  CHECK_THAT(refusal("{}"), Catch::Contains("either \"uniform\" or \"by_depth\", and this one has neither"));
  CHECK_THAT(refusal(R"({"uniform": 0.5, "by_depth": [0.5]})"), Catch::Contains("not both"));
  CHECK_THAT(refusal(R"({"uniform": 1.5})"), Catch::Contains("\"uniform\" is 1.5, outside [0, 1]"));
  CHECK_THAT(refusal(R"({"uniform": -1e-9})"), Catch::Contains("outside [0, 1]"));
  CHECK_THAT(refusal(R"({"uniform": "0.5"})"),
             Catch::Contains("\"uniform\" is \"0.5\", where a number in [0, 1] is expected"));
  CHECK_THAT(refusal(R"({"by_depth": []})"), Catch::Contains("\"by_depth\" is [], where a list"));
  CHECK_THAT(refusal(R"({"by_depth": [0.5, null]})"), Catch::Contains("\"by_depth\" is null"));
  CHECK_THAT(refusal(R"({"uniform": 0.5, "layer": {"fc": 0}})"), Catch::Contains("unknown key \"layer\""));
  CHECK_THAT(refusal(R"({"uniform": 0.5, "layers": ["fc"]})"), Catch::Contains("\"layers\" is [\"fc\"]"));
  CHECK_THAT(refusal(R"({"uniform": 0.5, "layers": {"fc": 2}})"),
             Catch::Contains("\"fc\" is 2, outside [0, 1]"));
  CHECK_THAT(refusal(R"({"uniform": 0.5, "layers": {"": 0.5}})"), Catch::Contains("empty pattern"));
  CHECK_THAT(refusal(R"({"uniform": 0.5, "layers": {"fc": 0.5, "fc": 0.25}})"),
             Catch::Contains("the key \"fc\" is there twice"));
  CHECK_THAT(refusal(R"({"uniform": 0.5, "dense_first": 1})"),
             Catch::Contains("\"dense_first\" is 1, where true or false"));
  CHECK_THAT(refusal(R"({"uniform": 0.5, "depthwise": 7})"),
             Catch::Contains("\"depthwise\" is 7, outside [0, 1]"));
  CHECK_THAT(refusal(R"({"uniform": 0.5, "comment": ["what", "ever"]})"), Catch::Equals(""));
}

TEST_CASE("a plan is read from a file", "[plan_file]") {
  const spade::tests::TemporaryFolder folder;
  const auto path = (folder / "plan.json").string();
  std::ofstream(path) << R"({"uniform": 0.5})";
  CHECK(spade::read_plan(path).depth_values() == std::vector<double>{0.5});
  std::ofstream(path) << R"({"uniform": )";
  CHECK_THROWS_WITH(spade::read_plan(path), Catch::StartsWith(path + ": not JSON"));
  std::remove(path.c_str());
  CHECK_THROWS_AS(spade::read_plan(path), spade::FileError);
  CHECK_THROWS_WITH(spade::read_plan(path), Catch::StartsWith(path + ": cannot read the plan (No such file"));
  CHECK_THROWS_AS(spade::read_plan(folder.path().string()), spade::FileError);
}

} // namespace
