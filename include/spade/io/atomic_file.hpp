// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

namespace spade {

/// Writes a file that appears whole or not at all.
///
/// The bytes go to a temporary file in the same folder, which then takes the name in one step: whoever reads
/// the name meanwhile sees the old file or the new one. On any failure the old file is as it was and the
/// temporary one is gone. Permissions are those of a newly made file; a link of that name is replaced, not
/// followed. A device or a pipe cannot be replaced in one step and is written to directly, as is what
/// descriptor_named finds, whatever it leads to.
/// @throws FileError naming the path and the system's reason: no such folder, read-only, disk full, a folder
/// there
/// Cost: the bytes are written once, and waited for until the disk has them (fsync).
void write_atomically(const std::filesystem::path& path, std::string_view bytes);

/// The program's own open file that a path stands for: 1 for /dev/stdout, N for /dev/fd/N and
/// /proc/self/fd/N; none for every other path. It need not be open.
[[nodiscard]] std::optional<int> descriptor_named(const std::filesystem::path& path);

} // namespace spade
