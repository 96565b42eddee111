// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>

#include <ATen/ATen.h>
#include <catch2/catch.hpp>

#include <spade/augmenters.hpp>
#include <spade/core/error.hpp>

using Catch::Matchers::Contains;
using namespace spade::augmenters;
using spade::Rng;
using spade::Sample;

namespace {

/// No element is 0, so that zeros tell what was overwritten.
at::Tensor sequence(std::int64_t positions, std::int64_t width, at::ScalarType type = at::kFloat) {
  return (at::arange(positions * width, type) + 1).view({1, positions, width});
}

} // namespace

TEST_CASE("token dropout overwrites whole positions and leaves the others as they are", "[augmenters]") {
  for (const auto type : {at::kFloat, at::kDouble, at::kHalf}) {
    const Sample sample(sequence(12, 5, type));
    Rng rng(3);
    const auto copies = TokenDropout({.probability = 0.4})(sample, 50, rng);
    CHECK(copies.scalar_type() == type);
    const auto zeros = copies.eq(0);
    CHECK(at::equal(zeros.all(2), zeros.any(2)));
    CHECK(at::equal(at::where(zeros, sample.input().expand_as(copies), copies),
                    sample.input().expand_as(copies)));
    CHECK(zeros.any().item<bool>());
  }
}

TEST_CASE("token dropout draws each position alone, with the given probability", "[augmenters]") {
  const Sample sample(sequence(10, 2));
  constexpr std::int64_t draws = 4000;
  for (const double probability : {0.1, 0.5}) {
    Rng rng(5);
    const auto gone = TokenDropout({.probability = probability})(sample, draws, rng).select(2, 0).eq(0);
    const auto share = gone.to(at::kDouble).mean(0);
    const auto both = gone.select(1, 3).logical_and(gone.select(1, 4)).to(at::kDouble).mean().item<double>();
    // Five standard deviations.
    CHECK((share - probability).abs().max().item<double>() <
          5 * std::sqrt(probability * (1 - probability) / draws));
    const double joint = probability * probability;
    CHECK(std::abs(both - joint) < 5 * std::sqrt(joint * (1 - joint) / draws));
  }
  Rng rng(5);
  CHECK(at::equal(TokenDropout({.probability = 0})(sample, 3, rng), sample.input().expand({3, 10, 2})));
  CHECK(TokenDropout({.probability = 1})(sample, 3, rng).eq(0).all().item<bool>());
}

TEST_CASE("token dropout puts a baseline in the place of what it takes", "[augmenters]") {
  const Sample sample(sequence(6, 3, at::kDouble));
  const auto expected = [&](const at::Tensor& zeroed, const at::Tensor& baseline) {
    return at::where(zeroed.eq(0), baseline.to(at::kDouble).expand_as(zeroed), zeroed);
  };
  Rng first(9);
  const auto zeroed = TokenDropout({.probability = 0.5})(sample, 20, first);
  REQUIRE(zeroed.eq(0).any().item<bool>());
  for (const auto& baseline : {at::tensor({-1.0F, -2.0F, -3.0F}), -sequence(6, 3)}) {
    Rng same(9);
    auto given = baseline.clone();
    const TokenDropout dropout({.probability = 0.5, .baseline = given});
    given.fill_(7); // it has its own copy
    CHECK(at::equal(dropout(sample, 20, same), expected(zeroed, baseline)));
  }
}

TEST_CASE("token dropout is a step among others", "[augmenters]") {
  const Sample sample(sequence(6, 3));
  Rng rng(2);
  const auto copies = (TokenDropout({.probability = 0.5}) | GaussianNoise(0.1))(sample, 4, rng);
  CHECK(copies.sizes() == at::IntArrayRef({4, 6, 3}));
  CHECK((TokenDropout{} | GaussianNoise{0.2}).name() == "token dropout (0.1) | Gaussian noise (0.2)");
  CHECK(TokenDropout({.baseline = at::ones({3})}).name() == "token dropout (0.1, to a baseline)");
}

TEST_CASE("token dropout says what it cannot do", "[augmenters]") {
  using spade::InvalidArgument;
  using spade::ShapeMismatch;
  CHECK_THROWS_AS(TokenDropout({.probability = 1.5}), InvalidArgument);
  CHECK_THROWS_WITH(TokenDropout({.probability = 1.5}), Contains("TokenDropout: probability 1.5"));
  CHECK_THROWS_AS(TokenDropout({.probability = std::nan("")}), InvalidArgument);
  CHECK_THROWS_AS(TokenDropout({.baseline = at::ones({3}, at::kLong)}), InvalidArgument);
  CHECK_THROWS_WITH(TokenDropout({.baseline = at::ones({3}, at::kLong)}), Contains("holds Long"));
  const auto infinite = at::full({3}, std::numeric_limits<float>::infinity());
  CHECK_THROWS_AS(TokenDropout({.baseline = infinite}), InvalidArgument);
  CHECK_THROWS_WITH(TokenDropout({.baseline = infinite}), Contains("not finite"));
  for (const auto& baseline : {at::ones({4, 3}), at::ones({2, 4, 3}), at::ones({0}), at::scalar_tensor(1)}) {
    CHECK_THROWS_AS(TokenDropout({.baseline = baseline}), ShapeMismatch);
    CHECK_THROWS_WITH(TokenDropout({.baseline = baseline}), Contains("[1, positions, width]"));
  }

  Rng rng(1);
  for (const auto& input : {at::ones({1, 20}), at::ones({1, 3, 8, 8})}) {
    CHECK_THROWS_AS(TokenDropout{}(Sample(input), 2, rng), ShapeMismatch);
    CHECK_THROWS_WITH(TokenDropout{}(Sample(input), 2, rng),
                      Contains("TokenDropout needs a sequence, an input [1, positions, width]"));
  }
  const Sample sample(sequence(6, 3));
  for (const auto& baseline : {at::ones({4}), at::ones({1, 5, 3}), at::ones({1, 6, 4})}) {
    CHECK_THROWS_AS(TokenDropout({.baseline = baseline})(sample, 2, rng), ShapeMismatch);
    CHECK_THROWS_WITH(TokenDropout({.baseline = baseline})(sample, 2, rng), Contains("[6, 3]"));
  }
}
