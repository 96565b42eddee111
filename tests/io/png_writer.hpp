// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Writes PNG files of every colour type by the PNG specification, uncompressed, so that the reader is tested
// on files that its own writer cannot make.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace spade::tests {

inline std::string big_endian(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8)
    bytes += static_cast<char>((value >> static_cast<unsigned>(shift)) & 0xFFU);
  return bytes;
}

/// Bit by bit, from the definition (PNG specification, annex D).
inline std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit)
      crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

inline std::string png_chunk(const std::string& type, const std::string& data) {
  return big_endian(static_cast<std::uint32_t>(data.size())) + type + data + big_endian(crc32(type + data));
}

/// One stored (uncompressed) deflate block in a zlib envelope.
inline std::string stored(const std::string& data) {
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  for (const char byte : data) {
    a = (a + static_cast<unsigned char>(byte)) % 65521;
    b = (b + a) % 65521;
  }
  const auto length = static_cast<std::uint16_t>(data.size());
  const auto low = [](unsigned value) { return static_cast<char>(value & 0xFFU); };
  std::string result{"\x78\x01\x01", 3};
  result += {low(length), low(length >> 8U), low(~unsigned{length}), low(~unsigned{length} >> 8U)};
  return result + data + big_endian((b << 16U) | a);
}

/// Makes the checksum of every chunk right again, as far as the lengths lead.
inline void mend_checksums(std::string& file) {
  for (std::size_t at = 8; at + 12 <= file.size();) {
    std::size_t length = 0;
    for (std::size_t i = 0; i < 4; ++i)
      length = (length << 8U) | static_cast<unsigned char>(file[at + i]);
    if (length > file.size() - at - 12) return;
    file.replace(at + 8 + length, 4, big_endian(crc32(std::string_view(file).substr(at + 4, 4 + length))));
    at += 12 + length;
  }
}

struct PngFile {
  std::uint32_t width = 1;
  std::uint32_t height = 1;
  int depth = 8;
  int colour_type = 0; ///< 0 grey, 2 RGB, 3 palette, 4 grey and opacity, 6 RGBA
  std::string rows{};  ///< each row preceded by its filter type, 0
  std::string extra{}; ///< chunks between header and data

  [[nodiscard]] std::string bytes() const {
    const std::string header = big_endian(width) + big_endian(height) +
                               std::string{static_cast<char>(depth), static_cast<char>(colour_type), 0, 0, 0};
    return std::string{"\x89PNG\r\n\x1a\n"} + png_chunk("IHDR", header) + extra +
           png_chunk("IDAT", stored(rows)) + png_chunk("IEND", "");
  }
};

} // namespace spade::tests
