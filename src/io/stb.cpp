// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "io/stb.hpp"

#include <cstddef>
#include <cstdlib>

namespace {

// A small file may claim, or inflate to, far more than any picture we accept.
constexpr std::size_t largest_allocation = std::size_t{1} << 30;

// Zeros, because the decoder leaves what a damaged JPEG lacks as it finds it: tables, coefficients, pixels.
void* limited_malloc(std::size_t size) {
  return size > largest_allocation ? nullptr : std::calloc(1, size);
}
void* limited_realloc(void* old, std::size_t size) {
  return size > largest_allocation ? nullptr : std::realloc(old, size);
}

} // namespace

#define STBI_MALLOC(size) limited_malloc(size)
#define STBI_REALLOC(old, size) limited_realloc(old, size)
#define STBI_FREE(old) std::free(old)
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_NO_STDIO
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#include <stb_image.h>
#define STBI_WRITE_NO_STDIO
#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_WRITE_IMPLEMENTATION
#include <stb_image_write.h>

namespace spade::stb {
namespace {

const stbi_uc* bytes(std::string_view file) {
  return reinterpret_cast<const stbi_uc*>(file.data());
}
int size(std::string_view file) {
  return static_cast<int>(file.size());
}

} // namespace

Extents extents(std::string_view file) {
  Extents result;
  int channels = 0;
  if (stbi_info_from_memory(bytes(file), size(file), &result.width, &result.height, &channels) == 0)
    return {};
  return result;
}

Pixels decode(std::string_view file, std::string& reason) {
  Pixels pixels;
  pixels.sixteen_bits = stbi_is_16_bit_from_memory(bytes(file), size(file)) != 0;
  auto& [width, height] = pixels.extents;
  int channels = 0;
  void* data =
      pixels.sixteen_bits
          ? static_cast<void*>(
                stbi_load_16_from_memory(bytes(file), size(file), &width, &height, &channels, 3))
          : static_cast<void*>(stbi_load_from_memory(bytes(file), size(file), &width, &height, &channels, 3));
  if (data == nullptr) reason = stbi_failure_reason();
  pixels.data = {data, stbi_image_free};
  return pixels;
}

std::string encode_png(const std::uint8_t* pixels, int width, int height, int channels) {
  std::string file;
  const auto append = [](void* context, void* data, int length) {
    static_cast<std::string*>(context)->append(static_cast<const char*>(data),
                                               static_cast<std::size_t>(length));
  };
  stbi_write_png_to_func(append, &file, width, height, channels, pixels, width * channels);
  return file;
}

} // namespace spade::stb
