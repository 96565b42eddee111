// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/core/progress.hpp>

#include <string>

#include <catch2/catch.hpp>

#include <spade/core/error.hpp>

TEST_CASE("progress reports stage, done and total", "[core][progress]") {
  std::string seen;
  spade::Progress progress;
  CHECK_NOTHROW(progress("forward", 1, 2)); // both parts may be empty
  progress.report = [&](std::string_view stage, std::int64_t done, std::int64_t total) {
    seen = spade::message(stage, ' ', done, '/', total);
  };
  progress("forward", 3, 8);
  CHECK(seen == "forward 3/8");
}

TEST_CASE("a requested stop is told as Interrupted, and nothing is reported any more", "[core][progress]") {
  std::stop_source source;
  bool reported = false;
  const spade::Progress progress{[&](auto...) { reported = true; }, source.get_token()};
  source.request_stop();
  CHECK_THROWS_AS(progress("prune", 4, 9), spade::Interrupted);
  CHECK_THROWS_WITH(progress("prune", 4, 9), "stopped on request during prune (4 of 9)");
  CHECK_FALSE(reported);
}
