// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include <ATen/core/Tensor.h>

#include <spade/sample.hpp>

namespace spade {

/// The most pixels a picture file may hold; looked up in its header, before anything is decoded.
inline constexpr std::int64_t largest_picture = std::int64_t{1} << 26;

/// Reads a PNG or JPEG file: [3, H, W], float, in [0, 1].
///
/// Numbers are those of `Image.open(path).convert("RGB")` in Python, divided by 255: grey fills three
/// channels, a palette is looked up, transparency is dropped (not blended), EXIF orientation is not applied.
/// Two departures: 16-bit PNG keeps all its bits (divided by 65535), and JPEG may differ by some three
/// 255ths, as decoders do. A PNG's checksums and a JPEG's end marker are verified, so a truncated or damaged
/// file is an error and never a picture that is grey from the middle on. Cost: about 20 bytes a pixel while
/// decoding.
/// @throws FileError where the file is missing, a folder, empty, neither PNG nor JPEG, truncated, corrupt, or
///   holds more than `largest_picture` pixels
[[nodiscard]] at::Tensor read_picture(const std::filesystem::path& path);

/// Reads a picture as the sample to be explained. @throws FileError as read_picture; what Sample's
/// constructor throws
[[nodiscard]] Sample read_sample(const std::filesystem::path& path, const Preprocess& preprocess);

/// Reads a mask: [H, W], bool, true where the picture's mean over colours is over one half.
/// @throws FileError as read_picture
[[nodiscard]] at::Tensor read_mask(const std::filesystem::path& path);

/// A picture as the bytes of a PNG file with 8 bits per channel.
///
/// @param picture [H, W], [1, H, W], [3, H, W] or [4, H, W] (with opacity); floating point in [0, 1] (values
///   outside are clipped, then rounded to the nearest 255th), bool, or uint8
/// @throws ShapeMismatch on other shapes or an empty picture; InvalidArgument on other types or non-finite
/// values
[[nodiscard]] std::string encode_png(const at::Tensor& picture);

/// Writes encode_png(picture); the file appears whole or not at all. @throws FileError; as encode_png
void write_png(const std::filesystem::path& path, const at::Tensor& picture);

} // namespace spade
