// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "io/image_integrity.hpp"

#include <array>
#include <cstdint>

#include <spade/core/error.hpp>

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

// The reflected CRC-32 of ISO 3309, as PNG uses it.
std::uint32_t crc32(std::string_view bytes) {
  static const auto table = [] {
    std::array<std::uint32_t, 256> entries{};
    for (std::uint32_t index = 0; index < entries.size(); ++index) {
      std::uint32_t value = index;
      for (int bit = 0; bit < 8; ++bit)
        value = (value & 1U) != 0 ? 0xEDB88320U ^ (value >> 1U) : value >> 1U;
      entries[index] = value;
    }
    return entries;
  }();
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char byte : bytes)
    crc = table[(crc ^ static_cast<unsigned char>(byte)) & 0xFFU] ^ (crc >> 8U);
  return ~crc;
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
    if (crc32(file.substr(at + 4, 4 + length)) != big_endian(file.substr(at + 8 + length, 4))) {
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
