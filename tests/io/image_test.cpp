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

// A JPEG of the value 128 all over, in the fewest bytes: each block is two codes of one bit, both 0, for a
// difference to the block before and further coefficients that are zero.
struct JpegFile {
  char width = 8;
  char height = 8;
  std::vector<char> sampling{'\x11'}; // by component
  char restart_interval = 0;          // in coded units, 0: none
  char frame = '\xc0';                // progressive: C2

  static std::string segment(char marker, const std::string& content) {
    return {std::string{'\xff', marker, '\0', static_cast<char>(content.size() + 2)} + content};
  }

  std::string headers() const {
    std::string file = "\xff\xd8" + segment('\xdb', '\0' + std::string(64, '\x01'));
    std::string components{static_cast<char>(sampling.size())};
    for (std::size_t i = 0; i < sampling.size(); ++i)
      components += {static_cast<char>(i + 1), sampling[i], '\0'};
    file += segment(frame, std::string{'\x08', '\0', height, '\0', width} + components);
    for (const char table : {'\x00', '\x10'}) // one code, 0, of one bit: the value 0
      file += segment('\xc4', std::string{table, '\x01'} + std::string(16, '\0'));
    if (restart_interval > 0) file += segment('\xdd', {'\0', restart_interval});
    return file;
  }

  /// A scan of some components, numbered from 1, whose parts are parted by restart markers.
  static std::string scan(const std::string& components, const std::vector<std::string>& parts,
                          const std::string& selection = {"\0\x3f\0", 3}) {
    std::string content{static_cast<char>(components.size())};
    for (const char component : components)
      content += {component, '\0'};
    std::string file = segment('\xda', content + selection);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (i > 0) file += {'\xff', static_cast<char>(0xd0 + (i - 1) % 8)};
      file += parts[i];
    }
    return file;
  }
};

const std::string jpeg_end = "\xff\xd9";

// The smallest there is: one grey block.
std::string small_jpeg() {
  return JpegFile{}.headers() + JpegFile::scan("\1", {"\x3f"}) + jpeg_end;
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

// What read_picture says of such a file.
std::string fault(const std::string& bytes) {
  const TemporaryFolder folder;
  write_file(folder / "bad", bytes);
  try {
    (void)read_picture(folder / "bad");
  } catch (const FileError& error) {
    CHECK_THAT(error.what(), Contains("bad"));
    return error.what();
  }
  return "no error";
}

TEST_CASE("what is not a picture is an error that names the file and the fault", "[io][image]") {
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

TEST_CASE("a JPEG whose parts are all there is read", "[io][image]") {
  const TemporaryFolder folder;
  const auto is_grey = [&](const std::string& bytes, std::int64_t height, std::int64_t width) {
    write_file(folder / "a.jpg", bytes);
    return at::equal(read_picture(folder / "a.jpg"), at::full({3, height, width}, 128.0F / 255.0F));
  };
  // Three blocks side by side, a restart interval each.
  const JpegFile row{.width = 20, .restart_interval = 1};
  CHECK(is_grey(row.headers() + JpegFile::scan("\1", {"\x3f", "\x3f", "\x3f"}) + jpeg_end, 8, 20));
  // An encoder may close the last interval, too.
  CHECK(is_grey(row.headers() + JpegFile::scan("\1", {"\x3f", "\x3f", "\x3f", ""}) + jpeg_end, 8, 20));
  // Two intervals, of two blocks and of one.
  const JpegFile pairs{.width = 20, .restart_interval = 2};
  CHECK(is_grey(pairs.headers() + JpegFile::scan("\1", {"\x0f", "\x3f"}) + jpeg_end, 8, 20));
  // Colour of half the resolution: 2 x 2 units of six blocks together; alone, 3 x 3 blocks of light and 2 x 2
  // of colour.
  const JpegFile colour{
      .width = 20, .height = 20, .sampling = {'\x22', '\x11', '\x11'}, .restart_interval = 1};
  const std::vector<std::string> units(4, std::string("\x00\x0f", 2));
  CHECK(is_grey(colour.headers() + JpegFile::scan("\1\2\3", units) + jpeg_end, 20, 20));
  const auto blocks = [](std::size_t count) { return std::vector<std::string>(count, "\x3f"); };
  CHECK(is_grey(colour.headers() + JpegFile::scan("\1", blocks(9)) + JpegFile::scan("\2", blocks(4)) +
                    JpegFile::scan("\3", blocks(4)) + jpeg_end,
                20, 20));
  // Progressive: the means of all, then the rest of one.
  const JpegFile progressive{.sampling = {'\x11', '\x11', '\x11'}, .frame = '\xc2'};
  CHECK(is_grey(progressive.headers() + JpegFile::scan("\1\2\3", {"\x1f"}, {"\0\0\0", 3}) +
                    JpegFile::scan("\1", {"\x7f"}, {"\1\x3f\0", 3}) + jpeg_end,
                8, 8));
}

TEST_CASE("a JPEG that was closed without all its parts is refused", "[io][image]") {
  const JpegFile row{.width = 20, .restart_interval = 1};
  CHECK_THAT(fault(row.headers() + JpegFile::scan("\1", {"\x3f", "\x3f"}) + jpeg_end),
             Contains("the JPEG is damaged: its compressed data have 2 of 3 parts"));
  CHECK_THAT(fault(row.headers() + JpegFile::scan("\1", {"\x3f"}) + jpeg_end), Contains("1 of 3 parts"));
  const JpegFile colour{
      .width = 20, .height = 20, .sampling = {'\x22', '\x11', '\x11'}, .restart_interval = 1};
  const std::vector<std::string> units(3, std::string("\x00\x0f", 2));
  CHECK_THAT(fault(colour.headers() + JpegFile::scan("\1\2\3", units) + jpeg_end), Contains("3 of 4 parts"));
  const auto blocks = [](std::size_t count) { return std::vector<std::string>(count, "\x3f"); };
  CHECK_THAT(fault(colour.headers() + JpegFile::scan("\1", blocks(8)) + JpegFile::scan("\2", blocks(4)) +
                   JpegFile::scan("\3", blocks(4)) + jpeg_end),
             Contains("8 of 9 parts"));
  CHECK_THAT(
      fault(colour.headers() + JpegFile::scan("\1", blocks(9)) + JpegFile::scan("\2", blocks(4)) + jpeg_end),
      Contains("no compressed data of its component 3 of 3"));
  const JpegFile progressive{.sampling = {'\x11', '\x11', '\x11'}, .frame = '\xc2'};
  CHECK_THAT(fault(progressive.headers() + JpegFile::scan("\1\3", {"\x3f"}, {"\0\0\0", 3}) +
                   JpegFile::scan("\2", {"\x7f"}, {"\1\x3f\0", 3}) + jpeg_end),
             Contains("no compressed data of its component 2 of 3"));
}

TEST_CASE("a JPEG without a table is the same picture at every reading", "[io][image]") {
  const TemporaryFolder folder;
  // A block whose mean is 7 steps over 128, of a size that is nowhere.
  std::string headers = JpegFile{}.headers();
  headers.erase(2, 69);
  const std::string means =
      JpegFile::segment('\xc4', std::string{'\x00', '\x01'} + std::string(15, '\0') + '\x03');
  write_file(folder / "a.jpg", headers + means + JpegFile::scan("\1", {"\x77"}) + jpeg_end);
  for (const char left : {'\x11', '\x66', '\xee'}) {
    std::vector<std::string> freed; // for the allocator to give out again
    for (int i = 0; i < 8; ++i)
      freed.emplace_back(100'000, left);
    freed.clear();
    CHECK(at::equal(read_picture(folder / "a.jpg"), at::full({3, 8, 8}, 128.0F / 255.0F)));
  }
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
