// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "arguments.hpp"
#include "session.hpp"

namespace spade::explain_tool {

/// Writes spade::write_json's figures, and after each `picture` where it came from: `picture_file`,
/// `mask_file` (null without a mask), both as the arguments lead to them, and `size` (null without --size).
/// @throws as write_json
void write_json_file(const std::string& path, const Arguments& arguments, const Results& results);

} // namespace spade::explain_tool
