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
/// 255ths, as decoders do. Cost: linear; about 20 bytes a pixel while decoding.
///
/// Damage that is found: a PNG that is cut off before its end chunk, or has a chunk whose CRC-32 is wrong; a
/// JPEG that is cut off before its end marker, whose segments in front of the compressed data do not join,
/// that has no data of a component (in a progressive one, of its means), or fewer restart intervals than its
/// headers say, or whose compressed data hold a code that its tables lack. Not found, because JPEG has no
/// checksums: other changes to its compressed data or tables, and other data missing in front of an end
/// marker (of a file that was cut off and then closed). Such a file is read as a picture that is wrong, all
/// over or from some place on, the same at every reading. Bytes after the end are not looked at.
/// @throws FileError where the file is missing, no regular file, empty, over 2 GiB, neither PNG nor JPEG,
///   damaged in a way that is found, of a kind that stb_image does not decode, or holds more than
///   `largest_picture` pixels
[[nodiscard]] at::Tensor read_picture(const std::filesystem::path& path);

/// Reads a picture as the sample to be explained. @throws FileError as read_picture; what Sample's
/// constructor throws. Cost: theirs
[[nodiscard]] Sample read_sample(const std::filesystem::path& path, const Preprocess& preprocess);

/// Reads a mask: [H, W], bool, true where the picture's mean over colours is over one half.
/// @throws FileError as read_picture, whose cost it has
[[nodiscard]] at::Tensor read_mask(const std::filesystem::path& path);

/// A picture as the bytes of a PNG file with 8 bits per channel.
///
/// @param picture [H, W], [1, H, W], [3, H, W] or [4, H, W] (with opacity); floating point in [0, 1] (values
///   outside are clipped, then rounded to the nearest 255th), bool, or uint8
/// @throws ShapeMismatch on other shapes or an empty picture; InvalidArgument on other types, non-finite
///   values, or more than `largest_picture` pixels; Error where memory runs out
/// Cost: linear in the pixels; some copies of them.
[[nodiscard]] std::string encode_png(const at::Tensor& picture);

/// Writes encode_png(picture); the file appears whole or not at all. @throws FileError; as encode_png
void write_png(const std::filesystem::path& path, const at::Tensor& picture);

} // namespace spade
