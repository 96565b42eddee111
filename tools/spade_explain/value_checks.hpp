// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <CLI/CLI.hpp>

namespace spade::explain_tool {

/// Takes decimal whole numbers from `low` to `high`; to be given to `transform`, since it drops leading
/// zeros, which would make CLI11 read the number in base eight.
[[nodiscard]] CLI::Validator whole_number(std::uint64_t low, std::uint64_t high);

/// Takes what reads as one number.
[[nodiscard]] CLI::Validator number();

/// Takes any name but an empty one, as an unset shell variable leaves it.
[[nodiscard]] CLI::Validator file_name();

} // namespace spade::explain_tool
