// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "arguments.hpp"
#include "picture_list.hpp"

namespace spade::explain_tool {

/// Makes sure that the results can be written, and take the place of nothing that is read.
/// @throws as check_apart and check_writable
void check_results(const Arguments& arguments, const std::vector<PictureEntry>& entries);

} // namespace spade::explain_tool
