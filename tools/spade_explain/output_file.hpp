// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace spade::explain_tool {

/// Finds out whether a file can be written, before hours are spent on what shall be in it.
///
/// It tries: a file without a name or a temporary one is made in the folder, and goes. Permissions alone do
/// not tell (read-only file systems, quotas, the rights of root).
/// @throws FileError where the folder is missing or read-only, or the path is a folder (the text says which)
void check_writable(const std::string& path);

} // namespace spade::explain_tool
