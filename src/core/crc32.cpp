// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "core/crc32.hpp"

#include <array>

namespace spade {
namespace {

constexpr std::size_t step = 16;
using Tables = std::array<std::array<std::uint32_t, 256>, step>;

/// Entry [k][b]: the remainder of byte b followed by k zero bytes.
constexpr Tables make_tables() {
  Tables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    auto value = byte;
    for (int bit = 0; bit < 8; ++bit)
      value = (value & 1U) != 0 ? 0xEDB88320U ^ (value >> 1U) : value >> 1U;
    tables[0][byte] = value;
  }
  for (std::size_t k = 1; k < step; ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const auto shorter = tables[k - 1][byte];
      tables[k][byte] = tables[0][shorter & 0xFFU] ^ (shorter >> 8U);
    }
  }
  return tables;
}

constexpr Tables tables = make_tables();

} // namespace

std::uint32_t crc32(std::span<const std::byte> bytes) {
  std::uint32_t crc = 0xFFFFFFFFU;
  while (bytes.size() >= step) {
    std::uint32_t next = 0;
    for (std::size_t k = 0; k < step; ++k) {
      // The register stands in the first four bytes.
      const auto mixed = k < 4 ? (crc >> (8U * k)) & 0xFFU : 0U;
      next ^= tables[step - 1 - k][static_cast<std::uint32_t>(bytes[k]) ^ mixed];
    }
    crc = next;
    bytes = bytes.subspan(step);
  }
  for (const auto byte : bytes)
    crc = tables[0][(crc ^ static_cast<std::uint32_t>(byte)) & 0xFFU] ^ (crc >> 8U);
  return ~crc;
}

} // namespace spade
