// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "io/image_integrity.hpp"

#include <cstdint>
#include <span>

#include <spade/core/error.hpp>

#include "core/crc32.hpp"

namespace spade {
namespace {

constexpr std::string_view png_signature{"\x89PNG\r\n\x1a\n", 8};
constexpr std::string_view jpeg_signature{"\xff\xd8\xff", 3};

std::uint32_t big_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char byte : bytes)
    value = (value << 8U) | static_cast<unsigned char>(byte);
  return value;
}

constexpr bool stands_alone(unsigned char marker) {
  return marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8);
}

} // namespace

PictureFormat picture_format(std::string_view file) {
  if (file.starts_with(png_signature)) return PictureFormat::Png;
  if (file.starts_with(jpeg_signature)) return PictureFormat::Jpeg;
  return PictureFormat::Unknown;
}

std::string png_damage(std::string_view file) {
  std::size_t at = png_signature.size();
  // A chunk: length, type, that many bytes, checksum of type and bytes.
  while (at + 12 <= file.size()) {
    const std::size_t length = big_endian(file.substr(at, 4));
    const std::string_view type = file.substr(at + 4, 4);
    if (length > file.size() - at - 12) break;
    if (crc32(std::as_bytes(std::span(file.substr(at + 4, 4 + length)))) !=
        big_endian(file.substr(at + 8 + length, 4))) {
      return message("the checksum of its part at byte ", at, " is wrong");
    }
    if (type == "IEND") return {};
    at += 12 + length;
  }
  return message("it is truncated after ", file.size(), " bytes");
}

std::string jpeg_damage(std::string_view file) {
  bool scan_seen = false;
  for (std::size_t at = 2; at + 1 < file.size();) {
    const auto marker = static_cast<unsigned char>(file[at + 1]);
    const bool is_marker = static_cast<unsigned char>(file[at]) == 0xFF && marker != 0x00;
    if (!is_marker) {
      // Compressed data; FF 00 stands for the byte FF there.
      if (!scan_seen) return message("its segment at byte ", at, " does not begin with a marker");
      ++at;
    } else if (marker == 0xFF) {
      ++at; // padding before a marker
    } else if (stands_alone(marker)) {
      at += 2;
    } else if (marker == 0xD9) {
      return scan_seen ? std::string{} : std::string{"it holds no compressed data"};
    } else {
      if (at + 4 > file.size()) break;
      scan_seen = scan_seen || marker == 0xDA;
      at += 2 + big_endian(file.substr(at + 2, 2));
    }
  }
  return message("it is truncated after ", file.size(), " bytes");
}

} // namespace spade
