// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/linalg/instruction_set.hpp>

#include <catch2/catch.hpp>

#include <spade/core/error.hpp>

#include "linalg/every_level.hpp"

using namespace spade::linalg;

TEST_CASE("the widest supported instruction set is the default, and a chosen one is used",
          "[linalg][levels]") {
  CHECK(supported(InstructionSet::Baseline));
  const auto widest = instruction_set();
  CHECK(supported(widest));
  std::size_t levels = 0;
  for (const auto level : spade::tests::EveryLevel()) {
    CHECK(instruction_set() == level);
    CHECK(level <= widest);
    ++levels;
  }
  CHECK(levels >= 1);
  CHECK(instruction_set() == widest);
  CHECK(to_string(InstructionSet::Baseline) == "baseline");
  CHECK(to_string(InstructionSet::X86_64_v3) == "x86-64-v3");
  CHECK(to_string(InstructionSet::X86_64_v4) == "x86-64-v4");
}

TEST_CASE("an instruction set that the processor lacks is refused", "[linalg][levels]") {
  for (const auto level : {InstructionSet::X86_64_v3, InstructionSet::X86_64_v4}) {
    if (supported(level)) continue;
    CHECK_THROWS_AS(set_instruction_set(level), spade::NotCompiled);
    CHECK_THROWS_WITH(set_instruction_set(level),
                      Catch::Contains(to_string(level) + " is not in this build"));
  }
}
