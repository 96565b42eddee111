// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// What each step does to a picture, and how often.
#include <cmath>

#include <ATen/ATen.h>
#include <catch2/catch.hpp>

#include <spade/augmenters.hpp>
#include <spade/core/error.hpp>

using Catch::Matchers::Contains;
using namespace spade::augmenters;
using spade::Preprocess;
using spade::RandomStream;
using spade::Rng;
using spade::Sample;

namespace {

const Preprocess normalisation{.mean = {0.4, 0.5, 0.6}, .deviation = {0.2, 0.25, 0.3}};

double share(const at::Tensor& condition) {
  return condition.to(at::kDouble).mean().item<double>();
}

// Two standard deviations of a share over that many draws are exceeded by one fixed seed in twenty; five by
// none.
double five_sigma(double probability, double draws) {
  return 5 * std::sqrt(probability * (1 - probability) / draws);
}

} // namespace

TEST_CASE("identity copies the input, bit for bit", "[augmenters]") {
  Rng rng(1);
  const Sample picture(at::rand({3, 31, 37}), Preprocess::imagenet(16));
  CHECK(at::equal(Identity{}(picture, 3, rng), picture.input().expand({3, 3, 16, 16})));
  const Sample features(at::randn({1, 20}, at::kDouble));
  CHECK(at::equal(Identity{}(features, 3, rng), features.input().expand({3, 20})));
}

TEST_CASE("a flip is a mirror, and two are none", "[augmenters]") {
  Rng rng(1);
  const Sample sample(at::rand({3, 6, 7}), normalisation);
  CHECK(at::equal(HorizontalFlip(1)(sample, 2, rng), sample.input().flip({3}).expand({2, 3, 6, 7})));
  CHECK(at::equal(HorizontalFlip(0)(sample, 2, rng), sample.input().expand({2, 3, 6, 7})));
  CHECK(at::equal((HorizontalFlip(1) | HorizontalFlip(1))(sample, 2, rng),
                  sample.input().expand({2, 3, 6, 7})));
  const auto copies = HorizontalFlip(0.3)(Sample(at::tensor({0.0F, 1.0F}).view({1, 1, 1, 2})), 4000, rng);
  CHECK(std::abs(copies.select(3, 0).mean().item<double>() - 0.3) < five_sigma(0.3, 4000));
}

TEST_CASE("a crop's window has the area, the ratio and the place asked for", "[augmenters]") {
  const RandomResizedCrop crop({.scale = {0.2, 0.6}, .ratio = {0.5, 1.5}});
  constexpr std::int64_t height = 300;
  constexpr std::int64_t width = 200;
  double area = 0;
  double log_ratio = 0;
  double left = 0;
  constexpr int draws = 4000;
  for (int k = 0; k < draws; ++k) {
    RandomStream stream(5, static_cast<std::uint64_t>(k));
    const auto w = crop.window(height, width, stream);
    REQUIRE((w.top >= 0 && w.left >= 0 && w.top + w.height <= height && w.left + w.width <= width));
    const double part = static_cast<double>(w.height * w.width) / (height * width);
    const double ratio = static_cast<double>(w.width) / static_cast<double>(w.height);
    REQUIRE((part > 0.195 && part < 0.606 && ratio > 0.49 && ratio < 1.53));
    area += part / draws;
    log_ratio += std::log(ratio) / draws;
    left += static_cast<double>(w.left) / std::max(1.0, static_cast<double>(width - w.width)) / draws;
  }
  // Wide windows of great area do not fit, so the means are a little below those of uniform draws.
  CHECK(area == Approx(0.4).margin(0.02));
  CHECK(log_ratio == Approx((std::log(0.5) + std::log(1.5)) / 2).margin(0.1));
  CHECK(left == Approx(0.5).margin(0.03));
}

TEST_CASE("a window that never fits is the largest central one of an allowed ratio", "[augmenters]") {
  RandomStream stream(1, 1);
  const RandomResizedCrop wide({.scale = {1, 1}, .ratio = {2, 3}});
  const auto window = wide.window(100, 60, stream);
  CHECK((window.height == 30 && window.width == 60 && window.top == 35 && window.left == 0));
  const RandomResizedCrop tall({.scale = {1, 1}, .ratio = {0.25, 0.5}});
  const auto other = tall.window(60, 100, stream);
  CHECK((other.height == 60 && other.width == 30 && other.top == 0 && other.left == 35));
  const auto pixel = RandomResizedCrop{}.window(1, 1, stream);
  CHECK((pixel.height == 1 && pixel.width == 1));
}

TEST_CASE("a crop of a constant picture is constant", "[augmenters]") {
  Rng rng(3);
  const Sample sample(at::full({3, 61, 47}, 0.7F), Preprocess::imagenet(16));
  const auto copies = RandomResizedCrop{}(sample, 20, rng);
  CHECK(at::allclose(copies, sample.input().expand_as(copies), 1e-4, 1e-5));
}

TEST_CASE("a crop comes from the picture's full resolution", "[augmenters]") {
  // A fine chequerboard is grey once resized to the network's 8 x 8, but not in a crop of 8 x 8 of its own
  // pixels.
  const auto board =
      (at::arange(64).view({64, 1}) + at::arange(64)).remainder(2).to(at::kFloat).expand({3, 64, 64});
  const Sample sample(board, Preprocess{.resize = 8});
  CHECK(sample.input().sub(0.5).abs().max().item<float>() < 0.01);
  Rng rng(3);
  const auto copies = RandomResizedCrop({.scale = {1.0 / 64, 1.0 / 64}, .ratio = {1, 1}})(sample, 4, rng);
  CHECK(copies.sub(0.5).abs().min().item<float>() == 0.5F);
}

TEST_CASE("erasing overwrites one rectangle within its bounds", "[augmenters]") {
  const Sample sample(at::full({3, 40, 30}, 0.25F), normalisation);
  const RandomErasing erasing({.probability = 0.7, .scale = {0.1, 0.3}, .ratio = {0.5, 2}});
  Rng rng(11);
  constexpr int draws = 1000;
  const auto erased = erasing(sample, draws, rng).eq(0); // the mean becomes 0
  int hit = 0;
  for (int k = 0; k < draws; ++k) {
    const auto plane = erased[k][0];
    CHECK(at::equal(plane, erased[k][2]));
    const auto area = plane.sum().item<std::int64_t>();
    if (area == 0) continue;
    ++hit;
    const auto rows = plane.any(1).sum().item<std::int64_t>();
    const auto columns = plane.any(0).sum().item<std::int64_t>();
    CHECK(area == rows * columns);
    CHECK((rows < 40 && columns < 30));
    CHECK((area > 80 && area < 400)); // of 1200, one part in ten to three, and the rounding of both edges
  }
  CHECK(std::abs(hit / static_cast<double>(draws) - 0.7) < five_sigma(0.7, draws));
}

TEST_CASE("what is erased gets the value asked for, in the copy's units", "[augmenters]") {
  Rng rng(2);
  const RandomRemove everything({.cells = 1, .probability = 1, .value = {0.1, 0.2, 0.3}});
  const Sample sample(at::rand({3, 5, 5}), normalisation);
  const auto expected =
      normalisation.normalise(at::tensor({0.1F, 0.2F, 0.3F}).view({1, 3, 1, 1}).expand({2, 3, 5, 5}));
  CHECK(at::equal(everything(sample, 2, rng), expected));
  const RandomRemove grey({.cells = 1, .probability = 1, .value = {0.5}});
  CHECK(at::equal(grey(Sample(at::randn({1, 4, 5, 5})), 2, rng), at::full({2, 4, 5, 5}, 0.5F)));
  // By default what the network sees as 0, with a picture and without.
  const RandomRemove neutral({.cells = 1, .probability = 1});
  CHECK(at::equal(neutral(sample, 2, rng), at::zeros({2, 3, 5, 5})));
  CHECK(at::equal(neutral(Sample(at::randn({1, 4, 5, 5})), 2, rng), at::zeros({2, 4, 5, 5})));
}

TEST_CASE("removal drops whole cells, each with its probability", "[augmenters]") {
  Rng rng(4);
  const RandomRemove remove({.cells = 3, .probability = 0.2});
  const auto removed = remove(Sample(at::ones({1, 1, 7, 11})), 2000, rng).eq(0);
  const std::vector<std::int64_t> rows{0, 2, 4, 7};
  const std::vector<std::int64_t> columns{0, 3, 7, 11};
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      const auto cell =
          removed.slice(2, rows[i], rows[i + 1]).slice(3, columns[j], columns[j + 1]).flatten(1);
      CHECK(at::equal(cell.any(1), cell.all(1)));
      CHECK(std::abs(share(cell.any(1)) - 0.2) < five_sigma(0.2, 2000));
    }
  }
  CHECK(std::abs(share(removed.all(1)) - 0.2) < five_sigma(0.2, 2000 * 9));
  CHECK(share(RandomRemove({.cells = 50, .probability = 1})(Sample(at::ones({1, 1, 7, 11})), 1, rng).eq(0)) ==
        1);
}

TEST_CASE("noise has the spread asked for and no correlation", "[augmenters]") {
  Rng rng(9);
  const Sample sample(at::full({1, 1001}, 3.0, at::kDouble));
  const auto noise = GaussianNoise(0.5)(sample, 400, rng).sub(3);
  const double n = 400 * 1001;
  CHECK(std::abs(noise.mean().item<double>()) < 5 * 0.5 / std::sqrt(n));
  CHECK(noise.pow(2).mean().item<double>() == Approx(0.25).epsilon(5 * std::sqrt(2 / n)));
  CHECK(noise.pow(4).mean().item<double>() == Approx(3 * 0.0625).epsilon(5 * std::sqrt(96 / n) / 3));
  // Neighbours in a copy (the two of a pair) and neighbouring copies.
  CHECK(std::abs((noise.slice(1, 0, 1000) * noise.slice(1, 1, 1001)).mean().item<double>()) <
        5 * 0.25 / std::sqrt(n));
  CHECK(std::abs((noise.slice(0, 0, 399) * noise.slice(0, 1, 400)).mean().item<double>()) <
        5 * 0.25 / std::sqrt(n));
  CHECK(at::equal(GaussianNoise(0)(sample, 2, rng), sample.input().expand({2, 1001})));
  // On pictures sigma is in units of [0, 1]; the network sees it divided by the deviation.
  const Sample picture(at::full({3, 64, 64}, 0.5F), normalisation);
  const auto seen = GaussianNoise(0.1)(picture, 16, rng).sub(picture.input());
  for (int c = 0; c < 3; ++c) {
    CHECK(seen.select(1, c).std().item<double>() ==
          Approx(0.1 / normalisation.deviation[static_cast<std::size_t>(c)]).epsilon(0.02));
  }
}

TEST_CASE("jitter of no amount changes nothing, and its amounts are kept", "[augmenters]") {
  Rng rng(6);
  const Sample sample(at::rand({3, 6, 7}, at::kDouble), Preprocess::none());
  const ColorJitter none({.brightness = 0, .contrast = 0, .saturation = 0, .hue = 0});
  CHECK(at::allclose(none(sample, 3, rng), sample.input().expand({3, 3, 6, 7}), 0, 1e-14));

  const Sample dim(at::full({1, 1, 1}, 0.25, at::kDouble), Preprocess::none());
  const auto factors =
      ColorJitter({.brightness = 0.4, .contrast = 0, .saturation = 0, .hue = 0})(dim, 4000, rng).div(0.25);
  CHECK(factors.min().item<double>() >= 0.6);
  CHECK(factors.max().item<double>() <= 1.4);
  CHECK(factors.mean().item<double>() == Approx(1).margin(0.02));
  CHECK(factors.std().item<double>() == Approx(0.8 / std::sqrt(12.0)).margin(0.01));
}

TEST_CASE("jitter is its four changes in one of their orders", "[augmenters]") {
  // The draws are read back from the same stream; with amounts this large, clipping makes the order matter.
  // from the stream.
  const auto picture = at::rand({3, 5, 5}, at::kDouble);
  const ColorJitter jitter({.brightness = 0.9, .contrast = 0.9, .saturation = 0.9, .hue = 0.5});
  const InputSpace space{.shape = {3, 5, 5}, .pixels = true, .neutral = {}};
  std::array<int, 4> first{};
  for (std::uint64_t k = 0; k < 400; ++k) {
    RandomStream stream(2, k);
    const auto result = jitter(picture, stream, space);
    RandomStream replay(2, k);
    std::array<int, 4> order{0, 1, 2, 3};
    for (std::size_t last = 3; last > 0; --last) {
      std::swap(order[last],
                order[static_cast<std::size_t>(replay.integer(static_cast<std::int64_t>(last) + 1))]);
    }
    const double b = replay.uniform(1 - 0.9, 1.9);
    const double c = replay.uniform(1 - 0.9, 1.9);
    const double s = replay.uniform(1 - 0.9, 1.9);
    const double h = replay.uniform(-0.5, 0.5);
    auto expected = picture;
    for (const int change : order) {
      expected = change == 0   ? adjust_brightness(expected, b)
                 : change == 1 ? adjust_contrast(expected, c)
                 : change == 2 ? adjust_saturation(expected, s)
                               : adjust_hue(expected, h);
    }
    REQUIRE(at::equal(result, expected));
    ++first[static_cast<std::size_t>(order[0])];
  }
  for (const int count : first)
    CHECK(std::abs(count / 400.0 - 0.25) < five_sigma(0.25, 400));
}

TEST_CASE("a sequence is its steps in order on one stream", "[augmenters]") {
  const auto picture = at::rand({3, 8, 8});
  const InputSpace space{.shape = {3, 8, 8}, .pixels = true, .neutral = {}};
  const auto sequence = HorizontalFlip{} | GaussianNoise{0.1} | RandomRemove{};
  RandomStream stream(3, 3);
  const auto result = sequence(picture, stream, space);
  RandomStream replay(3, 3);
  auto expected = HorizontalFlip{}(picture, replay, space);
  expected = GaussianNoise{0.1}(expected, replay, space);
  expected = RandomRemove{}(expected, replay, space);
  CHECK(at::equal(result, expected));
  CHECK(stream.bits() == replay.bits());
}

namespace {

// A step of a user, with a mistake.
struct HalfTheSize {
  at::Tensor operator()(const at::Tensor& copy, RandomStream&, const InputSpace&) const {
    return copy.slice(2, 0, 4);
  }
  [[nodiscard]] std::string name() const { return "half the size"; }
};

struct WrongType {
  at::Tensor operator()(const at::Tensor& copy, RandomStream&, const InputSpace&) const {
    return copy.to(at::kDouble);
  }
  [[nodiscard]] std::string name() const { return "wrong type"; }
};

} // namespace

TEST_CASE("a step that changes shape or type is found out", "[augmenters]") {
  Rng rng(1);
  const Sample sample(at::rand({3, 8, 8}), normalisation);
  CHECK_THROWS_AS(Sequence{HalfTheSize{}}(sample, 4, rng), spade::ShapeMismatch);
  CHECK_THROWS_WITH(Sequence{HalfTheSize{}}(sample, 4, rng), Contains("[3, 8, 4]") && Contains("[3, 8, 8]"));
  CHECK_THROWS_AS((HorizontalFlip{} | WrongType{})(sample, 4, rng), spade::InvalidArgument);
  CHECK_THROWS_WITH((HorizontalFlip{} | WrongType{})(sample, 4, rng),
                    Contains("Double") && Contains("Float"));
}
