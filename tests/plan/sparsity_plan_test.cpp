// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/sparsity_plan.hpp>

#include <cmath>

#include <catch2/catch.hpp>

#include <spade/core/error.hpp>

namespace {

using namespace spade;
using Catch::Matchers::Contains;

/// A layer that is all a plan looks at: a name, and whether it is depthwise.
Layer named(const std::string& name, bool depthwise = false) {
  const std::vector<std::int64_t> shape =
      depthwise ? std::vector<std::int64_t>{4, 1, 9} : std::vector<std::int64_t>{1, 4, 9};
  return {name, TensorView::owning(std::vector<float>(36), shape), {{3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}}};
}

const std::vector<Layer> resnet{named("conv1"),          named("layer1.0.conv1"), named("layer1.0.conv2"),
                                named("layer2.0.conv1"), named("layer2.0.conv2"), named("fc")};
const std::vector<Layer> mobile{named("stem"), named("a.dw", true), named("a.pw"), named("b.dw", true),
                                named("b.pw"), named("c.pw"),       named("head")};
using Values = std::vector<double>;

TEST_CASE("a plan without rules gives every layer the same", "[plan]") {
  CHECK(SparsityPlan().resolve(resnet) == Values(6, 0.0));
  CHECK(SparsityPlan::uniform(0.95).resolve(resnet) == Values(6, 0.95));
  CHECK(SparsityPlan::uniform(1).resolve({}).empty());
}

TEST_CASE("the last pattern that matches a layer wins", "[plan]") {
  const auto plan = SparsityPlan::uniform(0.9).dense("conv1").layer("layer?.*", 0.5).layer("layer2.*", 0.8);
  CHECK(plan.resolve(resnet) == Values{0, 0.5, 0.5, 0.8, 0.8, 0.9});
  CHECK(plan.layer("*", 0.1).resolve(resnet) == Values(6, 0.1));
}

TEST_CASE("depth is cut into equal parts, the earlier ones longer", "[plan]") {
  CHECK(SparsityPlan::by_depth({0.3, 0.5, 0.6, 0.8}).resolve(resnet) == Values{0.3, 0.3, 0.5, 0.5, 0.6, 0.8});
  CHECK(SparsityPlan::by_depth({0.1, 0.2}).resolve(resnet) == Values{0.1, 0.1, 0.1, 0.2, 0.2, 0.2});
  CHECK(SparsityPlan::by_depth({.1, .2, .3, .4, .5, .6, .7, .8}).resolve(resnet) ==
        Values{.1, .2, .3, .4, .5, .6});
}

TEST_CASE("layers that a rule takes do not count for the depth", "[plan]") {
  const auto plan = SparsityPlan::by_depth({0.2, 0.4}).depthwise(0).dense_first();
  CHECK(plan.resolve(mobile) == Values{0, 0, 0.2, 0, 0.2, 0.4, 0.4});
  CHECK(plan.dense("head").resolve(mobile) == Values{0, 0, 0.2, 0, 0.2, 0.4, 0});
}

TEST_CASE("a pattern goes before dense_first, and that before depthwise", "[plan]") {
  const auto plan = SparsityPlan::uniform(0.9).depthwise(0.3).dense_first();
  const std::vector<Layer> first_depthwise(mobile.begin() + 1, mobile.begin() + 3);
  CHECK(plan.resolve(first_depthwise) == Values{0, 0.9});
  CHECK(plan.layer("*.dw", 0.7).resolve(first_depthwise) == Values{0.7, 0.9});
  CHECK(SparsityPlan::uniform(0.9).depthwise(0.3).resolve(mobile)[3] == 0.3);
}

TEST_CASE("a plan is a value: adding a rule leaves the original alone", "[plan]") {
  const auto plan = SparsityPlan::uniform(0.9);
  (void)plan.dense("fc");
  CHECK(plan.rules().empty());
}

TEST_CASE("an unknown layer is refused with the nearest names", "[plan]") {
  CHECK_THROWS_AS(SparsityPlan::uniform(0.9).dense("covn1").resolve(resnet), InvalidArgument);
  CHECK_THROWS_WITH(SparsityPlan::uniform(0.9).dense("covn1").resolve(resnet),
                    Contains("no prunable layer is called 'covn1'") && Contains("nearest of 6 are 'conv1'"));
  CHECK_THROWS_WITH(SparsityPlan::uniform(0.9).layer("layer3.*", 0.5).resolve(resnet),
                    Contains("'layer1.0.conv1'"));
  CHECK_THROWS_WITH(SparsityPlan::uniform(0.9).dense("fc").resolve({}), Contains("no prunable layer at all"));
}

TEST_CASE("a sparsity outside [0, 1] is refused", "[plan]") {
  for (const double wrong : {-0.1, 1.1, 95.0, std::nan("")}) {
    CHECK_THROWS_AS(SparsityPlan::uniform(wrong), InvalidArgument);
    CHECK_THROWS_AS(SparsityPlan::by_depth({0.5, wrong}), InvalidArgument);
    CHECK_THROWS_AS(SparsityPlan::uniform(0.5).layer("fc", wrong), InvalidArgument);
    CHECK_THROWS_AS(SparsityPlan::uniform(0.5).depthwise(wrong), InvalidArgument);
  }
  CHECK_THROWS_WITH(SparsityPlan::uniform(0.5).layer("fc", 95), Contains("95 for 'fc' is outside [0, 1]"));
  CHECK_THROWS_WITH(SparsityPlan::by_depth({}), Contains("at least one sparsity"));
  CHECK_THROWS_WITH(SparsityPlan::uniform(0.5).layer("", 0.5), Contains("pattern is empty"));
  CHECK_THROWS_WITH(SparsityPlan::uniform(0.5).layer("conv[1", 0.5),
                    Contains("opening bracket and no closing one"));
}

TEST_CASE("globs", "[plan]") {
  CHECK(glob_match("*", ""));
  CHECK(glob_match("", ""));
  CHECK_FALSE(glob_match("", "a"));
  CHECK_FALSE(glob_match("?", ""));
  CHECK(glob_match("layer1.*", "layer1.0.conv1"));
  CHECK_FALSE(glob_match("layer1.*", "layer10.0.conv1"));
  CHECK(glob_match("*conv?", "layer1.0.conv2"));
  CHECK_FALSE(glob_match("*conv?", "layer1.0.conv"));
  CHECK(glob_match("a*b*c", "a-b-b-xc"));
  CHECK_FALSE(glob_match("a*b*c", "a-b-b-x"));
  CHECK(glob_match("layer[1-3].*", "layer2.0"));
  CHECK_FALSE(glob_match("layer[!1-3].*", "layer2.0"));
  CHECK(glob_match("[]x]", "]"));
  CHECK(glob_match("[a-]", "-"));
  CHECK(glob_match("features.?.conv.1.0", "features.4.conv.1.0"));
  // A naive matcher would take exponential time here.
  CHECK_FALSE(glob_match("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", std::string(500, 'a')));
}

} // namespace
