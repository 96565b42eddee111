// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// What every augmenter promises, for every one in the box.
#include <ATen/ATen.h>
#include <catch2/catch.hpp>

#include <spade/augmenters.hpp>
#include <spade/core/error.hpp>
#include <spade/core/parallel.hpp>

using Catch::Matchers::Contains;
using namespace spade::augmenters;
using spade::Augmenter;
using spade::Preprocess;
using spade::Rng;
using spade::Sample;

static_assert(Augmenter<RandomResizedCrop, Sample> && AugmentationStep<RandomResizedCrop>);
static_assert(Augmenter<HorizontalFlip, Sample> && AugmentationStep<HorizontalFlip>);
static_assert(Augmenter<ColorJitter, Sample> && AugmentationStep<ColorJitter>);
static_assert(Augmenter<RandomErasing, Sample> && AugmentationStep<RandomErasing>);
static_assert(Augmenter<RandomRemove, Sample> && AugmentationStep<RandomRemove>);
static_assert(Augmenter<GaussianNoise, Sample> && AugmentationStep<GaussianNoise>);
static_assert(Augmenter<TokenDropout, Sample> && AugmentationStep<TokenDropout>);
static_assert(Augmenter<Identity, Sample> && AugmentationStep<Identity>);
static_assert(Augmenter<Reference, Sample> && AugmentationStep<Reference>);
static_assert(!AugmentationStep<int> && !Augmenter<int, Sample>);
static_assert(!wants_full_resolution<HorizontalFlip> && wants_full_resolution<RandomResizedCrop>);
static_assert(wants_full_resolution<Reference> && !wants_full_resolution<Sequence<HorizontalFlip, Identity>>);

namespace {

// A thread count for a while.
class Threads {
public:
  explicit Threads(int count) { spade::set_thread_count(count); }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
  ~Threads() { spade::set_thread_count(0); }
};

Sample pictured(std::int64_t height, std::int64_t width, std::int64_t size) {
  return {at::rand({3, height, width}),
          Preprocess{.resize = size, .crop = size, .mean = {0.4, 0.5, 0.6}, .deviation = {0.2, 0.25, 0.3}}};
}

template <class A> void keeps_the_contract(const A& augmenter, const Sample& sample) {
  const auto input = sample.input().clone();
  const auto picture = sample.picture() ? sample.picture()->clone() : at::Tensor{};
  Rng rng(7);
  const auto all = augmenter(sample, 8, rng);
  CHECK(rng.position() == 8);
  auto shape = input.sizes().vec();
  shape[0] = 8;
  CHECK(all.sizes() == at::IntArrayRef(shape));
  CHECK(all.scalar_type() == input.scalar_type());
  CHECK(all.isfinite().all().template item<bool>());
  CHECK_FALSE(all.requires_grad());

  Rng again(7);
  const auto five = augmenter(sample, 5, again);
  const auto three = augmenter(sample, 3, again);
  CHECK(at::equal(all, at::cat({five, three})));
  for (const int threads : {1, 2, 3, 8}) {
    const Threads limited(threads);
    Rng same(7);
    CHECK(at::equal(all, augmenter(sample, 8, same)));
  }
  CHECK(at::equal(sample.input(), input));
  if (sample.picture()) CHECK(at::equal(*sample.picture(), picture));

  Rng none(7);
  CHECK_THROWS_AS(augmenter(sample, 0, none), spade::InvalidArgument);
  CHECK_THROWS_WITH(augmenter(sample, -2, none), Contains("-2"));
  CHECK_FALSE(augmenter.name().empty());
}

template <class A> void works_on_pictures(const A& augmenter) {
  for (const auto& [height, width, size] :
       {std::tuple{1, 1, 1}, {2, 3, 2}, {37, 41, 16}, {16, 16, 16}, {5, 50, 31}}) {
    CAPTURE(augmenter.name(), height, width, size);
    keeps_the_contract(augmenter, pictured(height, width, size));
  }
  keeps_the_contract(augmenter, Sample(at::rand({3, 7, 5}, at::kDouble), Preprocess::none()));
  keeps_the_contract(augmenter, Sample(at::rand({1, 7, 5}), Preprocess::none()));
}

template <class A> void works_on_inputs(const A& augmenter) {
  CAPTURE(augmenter.name());
  keeps_the_contract(augmenter, Sample(at::randn({1, 3, 13, 17})));
  keeps_the_contract(augmenter, Sample(at::randn({1, 5, 1, 1}, at::kDouble)));
  keeps_the_contract(augmenter, Sample(at::randn({1, 2, 6, 6}).to(at::kHalf)));
}

template <class A> void works_on_features(const A& augmenter) {
  CAPTURE(augmenter.name());
  keeps_the_contract(augmenter, Sample(at::randn({1, 20})));
  keeps_the_contract(augmenter, Sample(at::randn({1, 4, 9}, at::kDouble)));
  keeps_the_contract(augmenter, Sample(at::randn({1, 2, 3, 4, 5})));
}

template <class A> void needs_a_picture(const A& augmenter, const std::string& step) {
  Rng rng(1);
  for (const auto& input : {at::randn({1, 20}), at::randn({1, 4, 9}), at::randn({1, 2, 3, 4, 5})}) {
    CHECK_THROWS_AS(augmenter(Sample(input), 2, rng), spade::ShapeMismatch);
    CHECK_THROWS_WITH(augmenter(Sample(input), 2, rng),
                      Contains(step) && Contains("[1, channels, height, width]") && Contains("[1, "));
  }
}

} // namespace

TEST_CASE("augmenters keep their promises on pictures", "[augmenters][contract]") {
  works_on_pictures(RandomResizedCrop{});
  works_on_pictures(HorizontalFlip{});
  works_on_pictures(ColorJitter{});
  works_on_pictures(RandomErasing{});
  works_on_pictures(RandomRemove{});
  works_on_pictures(GaussianNoise{});
  works_on_pictures(Identity{});
  works_on_pictures(reference().augmenter);
  works_on_pictures(crop_and_jitter().augmenter);
  works_on_pictures(HorizontalFlip{} | GaussianNoise{0.2});
}

TEST_CASE("augmenters keep their promises on normalised inputs", "[augmenters][contract]") {
  works_on_inputs(RandomResizedCrop{});
  works_on_inputs(HorizontalFlip{});
  works_on_inputs(RandomErasing{});
  works_on_inputs(RandomRemove{});
  works_on_inputs(GaussianNoise{});
  works_on_inputs(Identity{});
  works_on_inputs(RandomResizedCrop{} | HorizontalFlip{} | RandomRemove{});
}

TEST_CASE("noise and identity work on any input, the others say that they need a picture",
          "[augmenters][contract]") {
  works_on_features(GaussianNoise{});
  works_on_features(Identity{});
  needs_a_picture(RandomResizedCrop{}, "RandomResizedCrop");
  needs_a_picture(HorizontalFlip{}, "HorizontalFlip");
  needs_a_picture(ColorJitter{}, "ColorJitter");
  needs_a_picture(RandomErasing{}, "RandomErasing");
  needs_a_picture(RandomRemove{}, "RandomRemove");
  needs_a_picture(reference().augmenter, "RandomResizedCrop");
}

TEST_CASE("token dropout keeps its promises on sequences", "[augmenters][contract]") {
  for (const auto& augmenter :
       {TokenDropout{}, TokenDropout({.probability = 0.5, .baseline = at::ones({9})})}) {
    CAPTURE(augmenter.name());
    keeps_the_contract(augmenter, Sample(at::randn({1, 4, 9})));
    keeps_the_contract(augmenter, Sample(at::randn({1, 17, 9}, at::kDouble)));
    keeps_the_contract(augmenter, Sample(at::randn({1, 1, 9}).to(at::kHalf)));
  }
  const Sample sample(at::randn({1, 40, 3}));
  Rng rng(7);
  Rng other(8);
  CHECK_FALSE(at::equal(TokenDropout{}(sample, 8, rng), TokenDropout{}(sample, 8, other)));
}

TEST_CASE("copies differ, and differ with the seed", "[augmenters][contract]") {
  const auto sample = pictured(40, 50, 16);
  Rng rng(7);
  const auto copies = reference().augmenter(sample, 6, rng);
  Rng other(8);
  const auto others = reference().augmenter(sample, 6, other);
  for (int i = 0; i < 6; ++i) {
    for (int j = 0; j < i; ++j)
      CHECK_FALSE(at::equal(copies[i], copies[j]));
    CHECK_FALSE(at::equal(copies[i], others[i]));
  }
}

TEST_CASE("colour jitter on a normalised input says what to do", "[augmenters][contract]") {
  Rng rng(1);
  const Sample sample(at::randn({1, 3, 8, 8}));
  CHECK_THROWS_AS(ColorJitter{}(sample, 2, rng), spade::InvalidArgument);
  CHECK_THROWS_WITH(ColorJitter{}(sample, 2, rng), Contains("Sample(picture, preprocess)"));
  CHECK_THROWS_WITH(ColorJitter{}(Sample(at::rand({2, 8, 8}), Preprocess::none()), 2, rng),
                    Contains("[2, 8, 8]"));
}

TEST_CASE("options out of range are refused where they are given", "[augmenters][contract]") {
  using spade::InvalidArgument;
  CHECK_THROWS_AS(HorizontalFlip(1.5), InvalidArgument);
  CHECK_THROWS_WITH(HorizontalFlip(1.5), Contains("HorizontalFlip") && Contains("1.5"));
  CHECK_THROWS_WITH(HorizontalFlip(NAN), Contains("nan"));
  CHECK_THROWS_WITH(RandomResizedCrop({.scale = {0, 1}}), Contains("scale from 0 to 1"));
  CHECK_THROWS_WITH(RandomResizedCrop({.scale = {0.5, 1.1}}), Contains("scale from 0.5 to 1.1"));
  CHECK_THROWS_WITH(RandomResizedCrop({.ratio = {2, 1}}), Contains("ratio from 2 to 1"));
  CHECK_THROWS_AS(RandomResizedCrop({.ratio = {NAN, 1}}), InvalidArgument);
  CHECK_THROWS_AS(RandomResizedCrop().window(0, 3, *std::make_unique<spade::RandomStream>(1, 1)),
                  InvalidArgument);
  CHECK_THROWS_WITH(ColorJitter({.brightness = -1}), Contains("brightness -1"));
  CHECK_THROWS_WITH(ColorJitter({.contrast = -1}), Contains("contrast -1"));
  CHECK_THROWS_WITH(ColorJitter({.saturation = INFINITY}), Contains("saturation inf"));
  CHECK_THROWS_WITH(ColorJitter({.hue = 0.6}), Contains("hue 0.6") && Contains("0.5"));
  CHECK_THROWS_WITH(RandomErasing({.probability = -0.1}), Contains("RandomErasing") && Contains("-0.1"));
  CHECK_THROWS_WITH(RandomErasing({.scale = {0.3, 0.2}}), Contains("scale from 0.3 to 0.2"));
  CHECK_THROWS_WITH(RandomErasing({.value = {0, NAN}}), Contains("nan"));
  CHECK_THROWS_WITH(RandomRemove({.cells = 0}), Contains("0 cells"));
  CHECK_THROWS_WITH(RandomRemove({.probability = 2}), Contains("RandomRemove") && Contains("2"));
  CHECK_THROWS_WITH(GaussianNoise(-1), Contains("sigma -1"));
  CHECK_THROWS_AS(GaussianNoise(INFINITY), InvalidArgument);
  CHECK_THROWS_WITH(reference({.count = 0}), Contains("0"));
  Rng rng(1);
  CHECK_THROWS_AS(RandomErasing({.probability = 0, .value = {1, 2}})(pictured(8, 8, 8), 1, rng),
                  spade::ShapeMismatch);
  CHECK_THROWS_WITH(RandomRemove({.value = {1, 2}})(pictured(8, 8, 8), 1, rng),
                    Contains("2 values") && Contains("3 channels"));
}

TEST_CASE("names say what was done, with its numbers", "[augmenters][contract]") {
  CHECK(reference().augmenter.name() ==
        "random resized crop (scale 0.2..1, ratio 0.75..1.33333) | horizontal flip (0.5) | "
        "colour jitter (brightness 0.4, contrast 0.4, saturation 0.4, hue 0.1) | random remove (8 x 8 cells, "
        "0.1)");
  CHECK(Sequence{Identity{}, GaussianNoise{0.25}}.name() == "identity | Gaussian noise (0.25)");
  const auto augmentation = reference({.count = 12, .seed = 3});
  CHECK(augmentation.count == 12);
  CHECK(augmentation.seed == 3);
}
