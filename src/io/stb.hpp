// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// The few functions of stb that we use, behind names of our own: stb's are static in stb.cpp, so that a
// program which brings its own copy of stb links with spade.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace spade::stb {

struct Extents {
  int width = 0;
  int height = 0;
};

/// Interleaved RGB, 8 or 16 bits.
struct Pixels {
  Extents extents;
  std::unique_ptr<void, void (*)(void*)> data{nullptr, nullptr};
  bool sixteen_bits = false;
};

/// From the header alone; zero extents where it is not understood.
[[nodiscard]] Extents extents(std::string_view file);
/// Null data where decoding failed; `reason` says why.
[[nodiscard]] Pixels decode(std::string_view file, std::string& reason);
/// Interleaved 8-bit pixels to the bytes of a PNG file; empty where memory ran out.
[[nodiscard]] std::string encode_png(const std::uint8_t* pixels, int width, int height, int channels);

} // namespace spade::stb
