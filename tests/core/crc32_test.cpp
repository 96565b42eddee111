// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <catch2/catch.hpp>

#include "core/crc32.hpp"
#include "io/png_writer.hpp"

namespace {

std::uint32_t crc32_of(std::string_view text) {
  return spade::crc32(std::as_bytes(std::span(text)));
}

} // namespace

TEST_CASE("crc32 is the polynomial's remainder, bit by bit", "[core]") {
  CHECK(crc32_of("123456789") == 0xCBF43926U); // the check value of the catalogues
  CHECK(crc32_of("") == 0U);
  std::string text;
  for (std::uint32_t i = 0; i < 100; ++i) {
    CHECK(crc32_of(text) == spade::tests::crc32(text));
    text += static_cast<char>(i * i * 7U + 200U);
  }
  CHECK(crc32_of(std::string_view(text).substr(3)) == spade::tests::crc32(std::string_view(text).substr(3)));
}

TEST_CASE("crc32 sees every single bit", "[core]") {
  std::string text(37, 'x');
  const auto whole = crc32_of(text);
  for (std::size_t bit = 0; bit < 8 * text.size(); ++bit) {
    auto flipped = text;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    CHECK(crc32_of(flipped) != whole);
  }
}
