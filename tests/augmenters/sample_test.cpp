// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/sample.hpp>

#include <cmath>

#include <ATen/ATen.h>
#include <catch2/catch.hpp>

#include <spade/augmenters/resample.hpp>
#include <spade/core/error.hpp>

using Catch::Matchers::Contains;
using spade::InvalidArgument;
using spade::Preprocess;
using spade::Sample;
using spade::ShapeMismatch;

TEST_CASE("a picture becomes the network's input", "[sample]") {
  const auto picture = at::rand({3, 41, 60});
  const auto preprocess = Preprocess::imagenet(14); // shorter edge 16: 16 x 23; centre 14 x 14
  const Sample sample(picture, preprocess);
  REQUIRE(sample.input().sizes() == at::IntArrayRef({1, 3, 14, 14}));
  // (23 - 14) / 2 = 4.5 rounds to 4, the even one.
  auto expected = spade::augmenters::resize(picture, 16, 23).slice(1, 1, 15).slice(2, 4, 18).clone();
  for (int c = 0; c < 3; ++c) {
    expected[c]
        .sub_(preprocess.mean[static_cast<std::size_t>(c)])
        .div_(preprocess.deviation[static_cast<std::size_t>(c)]);
  }
  CHECK(at::allclose(sample.input()[0], expected, 1e-5, 1e-6));
  CHECK(at::equal(*sample.picture(), picture));
  const auto tall = preprocess(picture.transpose(1, 2));
  CHECK(at::allclose(tall, sample.input().transpose(2, 3), 1e-5, 1e-6));
}

TEST_CASE("the crop's corner rounds halves to even", "[sample]") {
  const Preprocess crop{.crop = 2};
  for (const auto& [width, left] :
       {std::pair{2, 0}, {3, 0}, {4, 1}, {5, 2}, {6, 2}, {7, 2}, {8, 3}, {9, 4}}) {
    CAPTURE(width);
    const auto picture = at::arange(width).to(at::kFloat).expand({1, 2, width});
    CHECK(crop(picture)[0][0][0][0].item<float>() == static_cast<float>(left));
  }
}

TEST_CASE("a picture can be left as it is", "[sample]") {
  const auto picture = at::rand({1, 1, 1}, at::kDouble);
  const Sample sample(picture, Preprocess::none());
  CHECK(at::equal(sample.input(), picture.unsqueeze(0)));
  CHECK(sample.input().scalar_type() == at::kDouble);
  CHECK(Sample(at::rand({3, 1, 1}), Preprocess::imagenet()).input().sizes() ==
        at::IntArrayRef({1, 3, 224, 224}));
}

TEST_CASE("a sample tells what the network sees of its picture", "[sample]") {
  const auto preprocess = Preprocess::imagenet(32);
  const Sample sample(at::rand({3, 50, 70}), preprocess);
  const auto seen = sample.seen_picture();
  REQUIRE(seen.has_value());
  CHECK(at::allclose(preprocess.normalise(*seen), sample.input(), 0, 1e-5));
  CHECK(seen->min().item<double>() >= 0);
  CHECK_FALSE(Sample(at::rand({1, 3, 8, 8})).seen_picture().has_value());
}

TEST_CASE("preprocessing leaves the picture untouched", "[sample]") {
  const auto picture = at::rand({3, 9, 9});
  const auto before = picture.clone();
  (void)Preprocess::imagenet_normalisation()(picture);
  (void)Preprocess::imagenet(5)(picture);
  CHECK(at::equal(picture, before));
}

TEST_CASE("a sample is one, finite, and without a history", "[sample]") {
  CHECK_THROWS_AS(Sample(at::rand({2, 3, 4, 4})), ShapeMismatch);
  CHECK_THROWS_WITH(Sample(at::rand({2, 3, 4, 4})), Contains("[2, 3, 4, 4]"));
  CHECK_THROWS_AS(Sample(at::rand({1})), ShapeMismatch);
  CHECK_THROWS_AS(Sample(at::Tensor{}), ShapeMismatch);
  CHECK_THROWS_AS(Sample(at::rand({1, 0})), InvalidArgument);
  CHECK_THROWS_WITH(Sample(at::zeros({1, 3}, at::kLong)), Contains("Long"));
  auto broken = at::rand({1, 20});
  broken[0][3] = NAN;
  broken[0][4] = INFINITY;
  CHECK_THROWS_AS(Sample(broken), InvalidArgument);
  CHECK_THROWS_WITH(Sample(broken), Contains("2 of 20"));
  CHECK_FALSE(Sample(at::rand({1, 20}).requires_grad_()).input().requires_grad());
}

TEST_CASE("a sample's picture lies in [0, 1]", "[sample]") {
  CHECK_THROWS_AS(Sample(at::rand({4, 4}), Preprocess::none()), ShapeMismatch);
  CHECK_THROWS_AS(Sample(at::rand({1, 3, 4, 4}), Preprocess::none()), ShapeMismatch);
  CHECK_THROWS_AS(Sample(at::rand({3, 4, 0}), Preprocess::none()), ShapeMismatch);
  CHECK_THROWS_AS(Sample(at::zeros({3, 4, 4}, at::kByte), Preprocess::none()), InvalidArgument);
  CHECK_THROWS_WITH(Sample(at::full({3, 4, 4}, 255.0F), Preprocess::none()),
                    Contains("[255, 255]") && Contains("255"));
  CHECK_THROWS_WITH(Sample(at::full({3, 4, 4}, NAN), Preprocess::none()), Contains("48 of 48"));
}

TEST_CASE("preprocessing refuses fields out of range", "[sample]") {
  const auto picture = at::rand({3, 8, 8});
  CHECK_THROWS_AS(Preprocess::imagenet(0), InvalidArgument);
  CHECK_THROWS_WITH((Preprocess{.resize = -1}(picture)), Contains("resize -1"));
  CHECK_THROWS_WITH((Preprocess{.crop = 9}(picture)), Contains("9 x 9") && Contains("8 x 8"));
  CHECK_THROWS_AS((Preprocess{.crop = 9}(picture)), ShapeMismatch);
  CHECK_THROWS_WITH((Preprocess{.mean = {0.5}}(picture)), Contains("1 means but 0 deviations"));
  CHECK_THROWS_WITH((Preprocess{.mean = {0.5, 0, 0}, .deviation = {1, 0, 1}}(picture)),
                    Contains("channel 1"));
  CHECK_THROWS_AS((Preprocess{.mean = {NAN}, .deviation = {1}}(picture)), InvalidArgument);
  CHECK_THROWS_AS((Preprocess{.mean = {0.5}, .deviation = {1}}(picture)), ShapeMismatch);
  CHECK_THROWS_WITH(Preprocess::none()(at::rand({8, 8})), Contains("[8, 8]"));
}
