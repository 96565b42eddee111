// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/io/image.hpp>

#include <filesystem>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <catch2/catch.hpp>

#include <spade/core/error.hpp>
#include <spade/core/rng.hpp>

#include "io/png_writer.hpp"
#include "io/temporary_folder.hpp"

namespace fs = std::filesystem;
using Catch::Matchers::Contains;
using spade::FileError;
using spade::read_mask;
using spade::read_picture;
using spade::tests::PngFile;
using spade::tests::TemporaryFolder;
using spade::tests::write_file;

namespace {

// A grey JPEG of 8 x 8 pixels of the value 128: the smallest there is (one block, one coefficient, all of it
// zero).
std::string small_jpeg() {
  std::string quantisation = std::string("\xff\xdb\x00\x43\x00", 5) + std::string(64, '\x01');
  const std::string frame("\xff\xc0\x00\x0b\x08\x00\x08\x00\x08\x01\x01\x11\x00", 13);
  const auto huffman = [](char table) { // one code, 0, of one bit: the value 0
    return std::string("\xff\xc4\x00\x14", 4) + std::string(1, table) + std::string(1, '\x01') +
           std::string(16, '\0');
  };
  const std::string scan("\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x3f", 11);
  return std::string("\xff\xd8") + quantisation + frame + huffman('\x00') + huffman('\x10') + scan +
         "\xff\xd9";
}

std::vector<float> values(const at::Tensor& tensor) {
  const auto flat = tensor.contiguous();
  return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

std::vector<float> read_pixel(const PngFile& file) {
  const TemporaryFolder folder;
  write_file(folder / "a.png", file.bytes());
  const auto picture = read_picture(folder / "a.png");
  REQUIRE(picture.sizes() == at::IntArrayRef({3, file.height, file.width}));
  return values(picture);
}

} // namespace

TEST_CASE("a picture comes back from its file bit for bit", "[io][image]") {
  const TemporaryFolder folder;
  for (const auto& [height, width] : {std::pair{1, 1}, {2, 3}, {7, 5}, {64, 64}, {31, 127}}) {
    const auto bytes =
        at::arange(3 * height * width).mul(37).fmod(256).to(at::kByte).view({3, height, width});
    const auto picture = bytes.to(at::kFloat).div(255);
    spade::write_png(folder / "a.png", picture);
    CHECK(at::equal(read_picture(folder / "a.png"), picture));
    spade::write_png(folder / "b.png", bytes);
    CHECK(at::equal(read_picture(folder / "b.png"), picture));
  }
}

TEST_CASE("every kind of PNG becomes three channels in [0, 1]", "[io][image]") {
  using Values = std::vector<float>;
  const float part = 51.0F / 255.0F;
  CHECK(read_pixel({.rows = {"\0\x33", 2}}) == Values{part, part, part});
  CHECK(read_pixel({.colour_type = 2, .rows = {"\0\xff\x33\0", 4}}) == Values{1, part, 0});
  SECTION("opacity is dropped, as PIL's convert(\"RGB\") does") {
    CHECK(read_pixel({.colour_type = 6, .rows = {"\0\xff\x33\0\0", 5}}) == Values{1, part, 0});
    CHECK(read_pixel({.colour_type = 4, .rows = {"\0\x33\x10", 3}}) == Values{part, part, part});
  }
  SECTION("16 bits are all kept") {
    const float fine = static_cast<float>(0x3301) / 65535.0F;
    CHECK(read_pixel({.depth = 16, .rows = {"\0\x33\x01", 3}}) == Values{fine, fine, fine});
    CHECK(read_pixel({.depth = 16, .colour_type = 2, .rows = {"\0\x33\x01\0\0\xff\xff", 7}}) ==
          Values{fine, 0, 1});
    CHECK(read_pixel({.depth = 16, .colour_type = 6, .rows = {"\0\x33\x01\0\0\xff\xff\0\x01", 9}}) ==
          Values{fine, 0, 1});
  }
  SECTION("fewer bits than a byte") {
    CHECK(read_pixel({.width = 3, .depth = 1, .rows = {"\0\xa0", 2}}) == Values{1, 0, 1, 1, 0, 1, 1, 0, 1});
    CHECK(read_pixel({.width = 2, .depth = 2, .rows = {"\0\x70", 2}})[0] == 85.0F / 255.0F);
  }
  SECTION("a palette, with transparency") {
    const auto colours = spade::tests::png_chunk("PLTE", std::string("\xff\0\0\0\x33\0", 6));
    CHECK(read_pixel({.width = 2, .colour_type = 3, .rows = {"\0\1\0", 3}, .extra = colours}) ==
          Values{0, 1, part, 0, 0, 0});
    CHECK(read_pixel({.width = 2,
                      .colour_type = 3,
                      .rows = {"\0\1\0", 3},
                      .extra = colours + spade::tests::png_chunk("tRNS", std::string("\0", 1))}) ==
          Values{0, 1, part, 0, 0, 0});
  }
}

TEST_CASE("a JPEG is read", "[io][image]") {
  const TemporaryFolder folder;
  write_file(folder / "a.jpg", small_jpeg());
  const auto picture = read_picture(folder / "a.jpg");
  CHECK(at::equal(picture, at::full({3, 8, 8}, 128.0F / 255.0F)));
  // By content, not by name; and bytes after the end do not matter.
  write_file(folder / "a.png", small_jpeg() + "after the end");
  CHECK(at::equal(read_picture(folder / "a.png"), picture));
}

TEST_CASE("what is not a picture is an error that names the file and the fault", "[io][image]") {
  const TemporaryFolder folder;
  const auto fault = [&](const std::string& bytes) -> std::string {
    write_file(folder / "bad", bytes);
    try {
      (void)read_picture(folder / "bad");
    } catch (const FileError& error) {
      CHECK_THAT(error.what(), Contains("bad"));
      return error.what();
    }
    return "no error";
  };
  const std::string png = PngFile{.width = 2, .height = 2, .rows = {"\0\1\2\0\3\4", 6}}.bytes();
  CHECK_THAT(fault(""), Contains("empty"));
  CHECK_THAT(fault("GIF89a and so on"), Contains("neither PNG nor JPEG"));
  CHECK_THAT(fault("\x89PNG\r\n\x1a\n"), Contains("truncated"));
  for (std::size_t size = 8; size < png.size(); ++size)
    CHECK_THAT(fault(png.substr(0, size)), Contains("truncated"));
  // Every single flipped bit after the signature is found by a checksum, or by a length that no longer fits.
  for (std::size_t at = 8; at < png.size(); ++at) {
    std::string damaged = png;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    CHECK_THAT(fault(damaged), Contains("damaged"));
  }
  const std::string jpeg = small_jpeg();
  for (std::size_t size = 3; size < jpeg.size(); ++size)
    CHECK_THAT(fault(jpeg.substr(0, size)), Contains("damaged"));
  CHECK_THAT(fault("\xff\xd8\xff\xd9"), Contains("no compressed data"));
  // Checksums that hold, contents that do not.
  CHECK_THAT(fault(PngFile{.rows = ""}.bytes()), Contains("damaged"));
  CHECK_THAT(fault(PngFile{.width = 0, .rows = {"\0\1", 2}}.bytes()), Contains("header"));
  CHECK_THAT(fault(PngFile{.colour_type = 3, .rows = {"\0\1", 2}}.bytes()), Contains("damaged"));
}

TEST_CASE("random damage gives an error or a picture, never more", "[io][image]") {
  const TemporaryFolder folder;
  const auto original = spade::encode_png(at::rand({3, 17, 13}));
  int refused = 0;
  for (std::uint64_t k = 0; k < 500; ++k) {
    spade::RandomStream stream(3, k);
    std::string bytes = k % 2 == 0 ? original : small_jpeg();
    for (auto damages = 1 + stream.integer(3); damages > 0; --damages) {
      bytes[static_cast<std::size_t>(stream.integer(static_cast<std::int64_t>(bytes.size())))] =
          static_cast<char>(stream.bits());
    }
    // Even decoding behind checksums that hold must be safe.
    if (k % 4 == 0) spade::tests::mend_checksums(bytes);
    write_file(folder / "damaged", bytes);
    try {
      const auto picture = read_picture(folder / "damaged");
      CHECK(picture.size(0) == 3);
      CHECK(picture.ge(0).logical_and(picture.le(1)).all().item<bool>());
    } catch (const FileError&) {
      ++refused;
    }
  }
  CHECK(refused > 250);
}

TEST_CASE("a picture that is too large is refused by its header", "[io][image]") {
  const TemporaryFolder folder;
  write_file(folder / "huge.png", PngFile{.width = 8193, .height = 8192, .rows = {"\0\1", 2}}.bytes());
  CHECK_THROWS_AS(read_picture(folder / "huge.png"), FileError);
  CHECK_THROWS_WITH(read_picture(folder / "huge.png"), Contains("8193 x 8192") && Contains("67108864"));
}

TEST_CASE("what is not a file is an error that says what it is", "[io][image]") {
  const TemporaryFolder folder;
  CHECK_THROWS_AS(read_picture(folder / "none.png"), FileError);
  CHECK_THROWS_WITH(read_picture(folder / "none.png"), Contains("none.png") && Contains("no such file"));
  CHECK_THROWS_WITH(read_picture(folder.path()), Contains("folder"));
  CHECK_THROWS_WITH(read_picture("/dev/zero"), Contains("not a regular file"));
}

TEST_CASE("a mask is true where it is light", "[io][image]") {
  const TemporaryFolder folder;
  write_file(folder / "mask.png", PngFile{.width = 4, .rows = {"\0\0\x7f\x80\xff", 5}}.bytes());
  const auto mask = read_mask(folder / "mask.png");
  CHECK(mask.scalar_type() == at::kBool);
  CHECK(at::equal(mask, at::tensor({0, 0, 1, 1}).to(at::kBool).view({1, 4})));
  spade::write_png(folder / "again.png", mask);
  CHECK(at::equal(read_mask(folder / "again.png"), mask));
}

TEST_CASE("a sample is read with its picture", "[io][image]") {
  const TemporaryFolder folder;
  spade::write_png(folder / "a.png", at::rand({3, 20, 30}));
  const auto sample = spade::read_sample(folder / "a.png", spade::Preprocess::imagenet(16));
  CHECK(sample.input().sizes() == at::IntArrayRef({1, 3, 16, 16}));
  CHECK(sample.picture()->sizes() == at::IntArrayRef({3, 20, 30}));
}

TEST_CASE("only pictures are written", "[io][image]") {
  const TemporaryFolder folder;
  const auto path = folder / "a.png";
  CHECK_THROWS_AS(spade::write_png(path, at::zeros({2, 4, 4})), spade::ShapeMismatch);
  CHECK_THROWS_WITH(spade::write_png(path, at::zeros({1, 3, 4, 4})), Contains("[1, 3, 4, 4]"));
  CHECK_THROWS_WITH(spade::write_png(path, at::zeros({3, 0, 4})), Contains("[3, 0, 4]"));
  CHECK_THROWS_AS(spade::write_png(path, at::zeros({3, 4, 4}, at::kInt)), spade::InvalidArgument);
  CHECK_THROWS_WITH(spade::write_png(path, at::full({3, 4, 4}, NAN)), Contains("NaN"));
  CHECK(folder.names().empty());
  spade::write_png(path, at::tensor({-1.0F, 0.4999F / 255, 0.5001F / 255, 2.0F}).view({1, 4}));
  CHECK(values(read_picture(path)[0]) == std::vector<float>{0, 0, 1.0F / 255, 1});
}
