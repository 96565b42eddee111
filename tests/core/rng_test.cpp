// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/core/rng.hpp>

#include <array>
#include <cmath>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <spade/core/error.hpp>

using spade::RandomStream;
using Words = std::array<std::uint32_t, 4>;

// Known answers of Philox4x32-10 from the authors' Random123 distribution (its file kat_vectors).
TEST_CASE("philox reproduces the published vectors", "[core][rng]") {
  constexpr std::uint32_t ones = 0xffffffffU;
  CHECK(spade::philox4x32({0, 0, 0, 0}, {0, 0}) == Words{0x6627e8d5U, 0xe169c58dU, 0xbc57ac4cU, 0x9b00dbd8U});
  CHECK(spade::philox4x32({ones, ones, ones, ones}, {ones, ones}) ==
        Words{0x408f276dU, 0x41c83b0eU, 0xa20bc7c6U, 0x6d5451fdU});
  CHECK(spade::philox4x32({0x243f6a88U, 0x85a308d3U, 0x13198a2eU, 0x03707344U}, {0xa4093822U, 0x299f31d0U}) ==
        Words{0xd16cfe09U, 0x94fdccebU, 0x5001e420U, 0x24126ea1U});
}

TEST_CASE("the counter is (block, stream) and the key is the seed", "[core][rng]") {
  const std::uint64_t seed = 0x0123456789abcdefU;
  const std::uint64_t stream = 0xfedcba9876543210U;
  RandomStream draws(seed, stream);
  for (std::uint32_t block = 0; block < 3; ++block) {
    const Words expected =
        spade::philox4x32({block, 0, 0x76543210U, 0xfedcba98U}, {0x89abcdefU, 0x01234567U});
    for (const auto word : expected)
      CHECK(draws.bits() == word);
  }
}

TEST_CASE("uniform draws lie from 0 to below 1 and have the right moments", "[core][rng]") {
  RandomStream draws(1, 2);
  const int count = 20000;
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < count; ++i) {
    const double u = draws.uniform();
    REQUIRE(u >= 0.0);
    REQUIRE(u < 1.0);
    sum += u;
    squares += u * u;
  }
  // Five standard deviations: sqrt(1/12/n) and sqrt(4/45/n).
  CHECK(std::abs(sum / count - 0.5) < 5 * std::sqrt(1.0 / 12 / count));
  CHECK(std::abs(squares / count - 1.0 / 3) < 5 * std::sqrt(4.0 / 45 / count));
  const double wide = draws.uniform(-3.0, 5.0);
  CHECK(wide >= -3.0);
  CHECK(wide < 5.0);
}

TEST_CASE("normal draws have the right moments", "[core][rng]") {
  RandomStream draws(3, 4);
  const int count = 20000;
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < count; ++i) {
    const double x = draws.normal();
    REQUIRE(std::isfinite(x));
    sum += x;
    squares += x * x;
  }
  CHECK(std::abs(sum / count) < 5 / std::sqrt(count));
  CHECK(std::abs(squares / count - 1) < 5 * std::sqrt(2.0 / count));
}

TEST_CASE("integers are uniform over their bound", "[core][rng]") {
  RandomStream draws(5, 6);
  const std::int64_t bound = 7;
  std::vector<int> histogram(7);
  const int count = 14000;
  for (int i = 0; i < count; ++i) {
    const auto k = draws.integer(bound);
    REQUIRE(k >= 0);
    REQUIRE(k < bound);
    ++histogram[static_cast<std::size_t>(k)];
  }
  // Chi squared with six degrees of freedom: 33 is passed by chance once in 10^5.
  double chi = 0;
  for (const int h : histogram)
    chi += std::pow(h - count / 7.0, 2) / (count / 7.0);
  CHECK(chi < 33);
  CHECK(RandomStream(0, 0).integer(1) == 0);
  CHECK_THROWS_AS(draws.integer(0), spade::InvalidArgument);
  CHECK_THROWS_WITH(draws.integer(-4), "RandomStream::integer: bound -4 is under 1");
}

TEST_CASE("bernoulli keeps to its probability at both ends", "[core][rng]") {
  RandomStream draws(7, 8);
  for (int i = 0; i < 100; ++i) {
    CHECK_FALSE(draws.bernoulli(0.0));
    CHECK(draws.bernoulli(1.0));
  }
}

TEST_CASE("streams differ, and the same stream repeats", "[core][rng]") {
  std::set<std::uint32_t> first_words;
  for (std::uint64_t stream = 0; stream < 50; ++stream)
    first_words.insert(RandomStream(9, stream).bits());
  CHECK(first_words.size() == 50);
  CHECK(RandomStream(9, 3).uniform() == RandomStream(9, 3).uniform());
  CHECK(RandomStream(9, 3).uniform() != RandomStream(10, 3).uniform());
}

TEST_CASE("an Rng hands stream k to copy k, however the batch is cut", "[core][rng]") {
  spade::Rng whole(11);
  std::vector<double> expected;
  for (int copy = 0; copy < 6; ++copy) {
    auto stream = whole.next();
    expected.push_back(stream.uniform());
    if (copy % 2 == 0) (void)stream.normal(); // a copy may draw as much as it likes
  }
  CHECK(whole.position() == 6);
  spade::Rng second_half(11, 3);
  for (std::size_t copy = 3; copy < 6; ++copy)
    CHECK(second_half.next().uniform() == expected[copy]);
  CHECK(second_half.seed() == 11);
}
