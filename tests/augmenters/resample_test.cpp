// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/augmenters/resample.hpp>

#include <algorithm>
#include <cmath>

#include <ATen/ATen.h>
#include <catch2/catch.hpp>

#include <spade/core/error.hpp>
#include <spade/core/rng.hpp>

using Catch::Matchers::Contains;
using spade::InvalidArgument;
using spade::ShapeMismatch;
using spade::augmenters::resize;
using spade::augmenters::resized_crop;

namespace {

// The documented sum, over every input pixel of one axis, in double.
at::Tensor slow_filter(std::int64_t inputs, std::int64_t outputs) {
  const double scale = static_cast<double>(inputs) / static_cast<double>(outputs);
  auto matrix = at::zeros({outputs, inputs}, at::kDouble);
  for (std::int64_t i = 0; i < outputs; ++i) {
    for (std::int64_t j = 0; j < inputs; ++j) {
      const double distance = std::abs(static_cast<double>(j) + 0.5 - scale * (static_cast<double>(i) + 0.5));
      matrix[i][j] = std::max(0.0, 1 - distance / std::max(scale, 1.0));
    }
  }
  return matrix / matrix.sum(1, true);
}

at::Tensor slow_resize(const at::Tensor& picture, std::int64_t height, std::int64_t width) {
  const auto rows = slow_filter(picture.size(-2), height);
  const auto columns = slow_filter(picture.size(-1), width);
  return at::matmul(at::matmul(rows, picture.to(at::kDouble)), columns.t());
}

double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

} // namespace

TEST_CASE("resize agrees with the sum over all pixels", "[augmenters][resample]") {
  const auto sizes = {1, 2, 3, 7, 8, 9, 31, 64, 65};
  for (const auto from : sizes) {
    for (const auto to : sizes) {
      const auto picture = at::rand({2, from, from + 4}, at::kDouble);
      CAPTURE(from, to);
      CHECK(largest_difference(resize(picture, to, to + 1), slow_resize(picture, to, to + 1)) < 1e-14);
      CHECK(largest_difference(resize(picture.to(at::kFloat), to, to + 1), slow_resize(picture, to, to + 1)) <
            1e-6);
    }
  }
}

TEST_CASE("resize keeps constants, the mean of whole blocks, and the size it has", "[augmenters][resample]") {
  CHECK(largest_difference(resize(at::full({3, 37, 11}, 0.3), 5, 64), at::full({3, 5, 64}, 0.3)) < 1e-7);
  const auto picture = at::rand({3, 12, 13});
  CHECK(at::equal(resize(picture, 12, 13), picture));
  // One output pixel sees all input pixels, those in the middle most.
  CHECK(resize(picture, 1, 1).min().item<float>() > picture.min().item<float>());
}

TEST_CASE("a crop sees nothing outside its window", "[augmenters][resample]") {
  auto picture = at::rand({3, 23, 29});
  const auto window = picture.slice(1, 4, 15).slice(2, 6, 20);
  const auto expected = resize(window.contiguous(), 8, 9);
  CHECK(at::equal(resized_crop(picture, {4, 6, 11, 14}, 8, 9), expected));
  auto poisoned = at::full_like(picture, NAN);
  poisoned.slice(1, 4, 15).slice(2, 6, 20).copy_(window);
  CHECK(at::equal(resized_crop(poisoned, {4, 6, 11, 14}, 8, 9), expected));
  CHECK(at::equal(resized_crop(picture, {4, 6, 11, 14}, 11, 14), window));
}

TEST_CASE("any window of any picture agrees with the sum over its pixels", "[augmenters][resample]") {
  for (std::uint64_t k = 0; k < 300; ++k) {
    spade::RandomStream stream(1, k);
    const auto height = 1 + stream.integer(40);
    const auto width = 1 + stream.integer(40);
    const auto rows = 1 + stream.integer(height);
    const auto columns = 1 + stream.integer(width);
    const spade::augmenters::Window window{stream.integer(height - rows + 1),
                                           stream.integer(width - columns + 1), rows, columns};
    const auto to_height = 1 + stream.integer(50);
    const auto to_width = 1 + stream.integer(50);
    CAPTURE(k, height, width, rows, columns, to_height, to_width);
    const auto picture = at::rand({height, width}, at::kDouble);
    const auto cut =
        picture.slice(0, window.top, window.top + rows).slice(1, window.left, window.left + columns);
    const auto result = resized_crop(picture, window, to_height, to_width);
    CHECK(largest_difference(result, slow_resize(cut, to_height, to_width)) < 1e-14);
    CHECK(result.min().item<double>() >= cut.min().item<double>() - 1e-15);
    CHECK(result.max().item<double>() <= cut.max().item<double>() + 1e-15);
  }
}

TEST_CASE("leading dimensions and strides do not matter", "[augmenters][resample]") {
  const auto pictures = at::rand({2, 3, 9, 10});
  const auto all = resize(pictures, 4, 5);
  CHECK(at::equal(all[1][2], resize(pictures[1][2], 4, 5)));
  CHECK(
      at::equal(resize(pictures.transpose(2, 3), 4, 5), resize(pictures.transpose(2, 3).contiguous(), 4, 5)));
}

TEST_CASE("resampling refuses what is not a picture", "[augmenters][resample]") {
  CHECK_THROWS_AS(resize(at::rand({5}), 2, 2), ShapeMismatch);
  CHECK_THROWS_WITH(resize(at::rand({3, 0, 5}), 2, 2), Contains("[3, 0, 5]"));
  CHECK_THROWS_AS(resize(at::Tensor{}, 2, 2), ShapeMismatch);
  CHECK_THROWS_AS(resize(at::zeros({3, 4, 4}, at::kByte), 2, 2), InvalidArgument);
  CHECK_THROWS_WITH(resize(at::zeros({3, 4, 4}, at::kByte), 2, 2), Contains("Byte") && Contains("div(255)"));
  CHECK_THROWS_WITH(resize(at::rand({3, 4, 4}), 0, 2), Contains("0 x 2"));
  CHECK_THROWS_AS(resized_crop(at::rand({3, 4, 4}), {2, 0, 3, 3}, 2, 2), InvalidArgument);
  CHECK_THROWS_WITH(resized_crop(at::rand({3, 4, 4}), {2, 0, 3, 3}, 2, 2),
                    Contains("(2, 0)") && Contains("4 x 4"));
  CHECK_THROWS_AS(resized_crop(at::rand({3, 4, 4}), {0, -1, 2, 2}, 2, 2), InvalidArgument);
  CHECK_THROWS_AS(resized_crop(at::rand({3, 4, 4}), {0, 0, 2, 0}, 2, 2), InvalidArgument);
}
