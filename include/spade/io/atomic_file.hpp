// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string_view>

namespace spade {

/// Writes a file that appears whole or not at all.
///
/// The bytes go to a temporary file in the same folder, which then takes the name in one step: whoever reads
/// the name meanwhile sees the old file or the new one. On any failure the old file is as it was and the
/// temporary one is gone. Permissions are those of a newly made file; a link of that name is replaced, not
/// followed. A device or a pipe
/// (/dev/stdout) cannot be replaced in one step and is written to directly.
/// @throws FileError naming the path and the system's reason: no such folder, read-only, disk full, a folder
/// there
void write_atomically(const std::filesystem::path& path, std::string_view bytes);

} // namespace spade
