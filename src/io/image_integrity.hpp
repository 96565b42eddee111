// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// What the decoder does not look at: whether a picture file is all there.
#pragma once

#include <string>
#include <string_view>

namespace spade {

enum class PictureFormat { Png, Jpeg, Unknown };

/// By the first bytes, not by the name.
[[nodiscard]] PictureFormat picture_format(std::string_view file);

/// What is wrong with a PNG's chunks (lengths, checksums, end chunk; the PNG specification, section 5), or
/// nothing.
[[nodiscard]] std::string png_damage(std::string_view file);

/// What is wrong with a JPEG's segments (lengths, scans of every component with all their restart intervals,
/// the end marker; ITU-T T.81, annex B), or nothing.
[[nodiscard]] std::string jpeg_damage(std::string_view file);

} // namespace spade
