// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/io/image.hpp>

#include <cerrno>
#include <cmath>
#include <fstream>
#include <limits>
#include <system_error>
#include <type_traits>

#include <ATen/ATen.h>

#include <spade/core/error.hpp>
#include <spade/core/tensor_view.hpp>
#include <spade/io/atomic_file.hpp>

#include "io/image_integrity.hpp"
#include "io/stb.hpp"

namespace spade {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, std::string_view why) {
  throw FileError(message("cannot read the picture ", path, ": ", why));
}

std::string read_bytes(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) fail(path, "there is no such file");
  if (std::filesystem::is_directory(status)) fail(path, "it is a folder");
  if (!std::filesystem::is_regular_file(status)) fail(path, "it is not a regular file");
  const auto size = std::filesystem::file_size(path, error);
  if (error) fail(path, error.message());
  if (size == 0) fail(path, "the file is empty");
  if (size > static_cast<std::uintmax_t>(std::numeric_limits<int>::max()))
    fail(path, "the file is over 2 GiB");
  std::string bytes(size, '\0');
  std::ifstream file(path, std::ios::binary);
  if (!file.read(bytes.data(), static_cast<std::streamsize>(size)))
    fail(path, std::generic_category().message(errno));
  return bytes;
}

stb::Pixels decode(const std::filesystem::path& path) {
  const std::string bytes = read_bytes(path);
  const auto format = picture_format(bytes);
  if (format == PictureFormat::Unknown) fail(path, "it is neither PNG nor JPEG; convert it to PNG first");
  const std::string damage = format == PictureFormat::Png ? png_damage(bytes) : jpeg_damage(bytes);
  if (!damage.empty())
    fail(path, message("the ", format == PictureFormat::Png ? "PNG" : "JPEG", " is damaged: ", damage));
  const auto [width, height] = stb::extents(bytes);
  if (width < 1 || height < 1) fail(path, "its header is damaged");
  if (std::int64_t{width} * height > largest_picture) {
    fail(path, message("it has ", width, " x ", height, " pixels, more than the ", largest_picture,
                       " that are accepted; scale it down first"));
  }
  std::string reason;
  auto pixels = stb::decode(bytes, reason);
  if (!pixels.data) fail(path, message("it is damaged (", reason, ")"));
  return pixels;
}

// [H, W, 3] integers -> [3, H, W] in [0, 1].
template <class T> at::Tensor to_tensor(const stb::Pixels& pixels) {
  const auto [width, height] = pixels.extents;
  auto picture = at::empty({3, height, width}, at::kFloat);
  const auto* from = static_cast<const T*>(pixels.data.get());
  auto* to = picture.data_ptr<float>();
  const std::int64_t plane = std::int64_t{width} * height;
  constexpr auto white = static_cast<float>(std::numeric_limits<T>::max());
  for (std::int64_t i = 0; i < plane; ++i) {
    for (std::int64_t c = 0; c < 3; ++c)
      to[c * plane + i] = static_cast<float>(from[3 * i + c]) / white;
  }
  return picture;
}

at::Tensor to_bytes(const at::Tensor& picture) {
  const auto cpu = picture.detach().to(at::kCPU);
  if (cpu.scalar_type() == at::kByte) return cpu;
  if (cpu.scalar_type() == at::kBool) return cpu.to(at::kByte).mul(255);
  if (!cpu.is_floating_point()) {
    throw InvalidArgument(message("encode_png: a picture is floating point, bool or uint8, not ",
                                  c10::toString(cpu.scalar_type())));
  }
  const auto values = cpu.to(at::kFloat);
  if (!values.isfinite().all().item<bool>())
    throw InvalidArgument("encode_png: the picture has a NaN or an infinity");
  return values.clamp(0, 1).mul(255).round().to(at::kByte);
}

} // namespace

at::Tensor read_picture(const std::filesystem::path& path) {
  const auto pixels = decode(path);
  return pixels.sixteen_bits ? to_tensor<std::uint16_t>(pixels) : to_tensor<std::uint8_t>(pixels);
}

Sample read_sample(const std::filesystem::path& path, const Preprocess& preprocess) {
  return Sample(read_picture(path), preprocess);
}

at::Tensor read_mask(const std::filesystem::path& path) {
  return read_picture(path).mean(0).gt(0.5);
}

std::string encode_png(const at::Tensor& picture) {
  const auto sizes = picture.sizes();
  const bool plane = sizes.size() == 2;
  const std::int64_t channels = plane ? 1 : sizes.size() == 3 ? sizes[0] : 0;
  if ((channels != 1 && channels != 3 && channels != 4) || picture.numel() == 0) {
    throw ShapeMismatch(message("encode_png: a picture is [H, W] or [1, 3 or 4, H, W], not ",
                                shape_text({sizes.data(), sizes.size()})));
  }
  const auto interleaved = to_bytes(plane ? picture.unsqueeze(0) : picture).permute({1, 2, 0}).contiguous();
  const auto height = interleaved.size(0);
  const auto width = interleaved.size(1);
  if (width * height > largest_picture) {
    throw InvalidArgument(
        message("encode_png: ", width, " x ", height, " pixels are more than ", largest_picture));
  }
  auto file = stb::encode_png(interleaved.data_ptr<std::uint8_t>(), static_cast<int>(width),
                              static_cast<int>(height), static_cast<int>(channels));
  if (file.empty()) throw Error("encode_png: out of memory");
  return file;
}

void write_png(const std::filesystem::path& path, const at::Tensor& picture) {
  write_atomically(path, encode_png(picture));
}

} // namespace spade
