// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/core/target.hpp>

#include <catch2/catch.hpp>

#include <spade/core/error.hpp>

using spade::Target;
using Indices = std::vector<std::int64_t>;

TEST_CASE("one index serves every sample, several serve one each", "[core][target]") {
  CHECK(Target(3).per_sample(4, 10) == Indices{3, 3, 3, 3});
  CHECK(Target(0).per_sample(0, 1).empty());
  CHECK(Target({1, 0, 9}).per_sample(3, 10) == Indices{1, 0, 9});
  CHECK(Target(Indices{2}).per_sample(2, 3) == Indices{2, 2});
  CHECK(Target({1, 2}).indices().size() == 2);
}

TEST_CASE("a target the network does not have is refused with the range", "[core][target]") {
  CHECK_THROWS_AS(Target(10).per_sample(1, 10), spade::InvalidArgument);
  CHECK_THROWS_WITH(Target(10).per_sample(1, 10),
                    "Target: class 10 is outside the network's 10 outputs, 0 to 9");
  CHECK_THROWS_WITH(Target({0, -1}).per_sample(2, 10),
                    "Target: class -1 is outside the network's 10 outputs, 0 to 9");
}

TEST_CASE("the wrong number of indices is refused", "[core][target]") {
  CHECK_THROWS_AS(Target({1, 2}).per_sample(3, 10), spade::ShapeMismatch);
  CHECK_THROWS_WITH(Target({1, 2}).per_sample(3, 10),
                    "Target: 2 class indices for 3 samples; give one for all or one for each");
  CHECK_THROWS_AS(Target(Indices{}).per_sample(1, 10), spade::ShapeMismatch);
}
