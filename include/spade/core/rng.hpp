// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

namespace spade {

/// Philox4x32-10: four random words as a pure function of a counter and a key. Ten rounds of two products.
/// Source: salmon2011philox.
[[nodiscard]] std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                                      std::array<std::uint32_t, 2> key);

/// One numbered stream of random draws: the n-th draw is a pure function of (seed, stream, n).
///
/// Philox4x32-10 (salmon2011philox): the key is the seed, the counter is (stream, block), so streams never
/// overlap and no state is shared between threads. The results are the same on every platform and for every
/// version of spade with the same major number. Cost: one philox4x32 for four words.
class RandomStream {
public:
  RandomStream(std::uint64_t seed, std::uint64_t stream) : seed_(seed), stream_(stream) {}

  /// 32 fresh bits.
  [[nodiscard]] std::uint32_t bits();
  /// Uniform in [0, 1), a multiple of 2^-53. Two words.
  [[nodiscard]] double uniform();
  /// Uniform in [low, high).
  [[nodiscard]] double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /// Uniform in {0, ..., bound - 1}, without bias: two words, drawn again where they would favour small
  /// results. @throws InvalidArgument where bound < 1
  [[nodiscard]] std::int64_t integer(std::int64_t bound);
  /// Standard normal: one of the pair of box1958normal. Four words.
  [[nodiscard]] double normal();
  /// True with the given probability; at most 0 is never, at least 1 always.
  [[nodiscard]] bool bernoulli(double probability) { return uniform() < probability; }

private:
  std::uint64_t seed_;
  std::uint64_t stream_;
  std::uint64_t block_ = 0;
  std::array<std::uint32_t, 4> buffer_{};
  unsigned used_ = 4;
};

/// Hands out one RandomStream per augmented copy: copy k always draws from stream k.
///
/// That makes an augmented batch independent of how it is cut into chunks and of the number of threads.
class Rng {
public:
  explicit Rng(std::uint64_t seed, std::uint64_t first_stream = 0) : seed_(seed), next_(first_stream) {}

  /// The stream of the next copy.
  [[nodiscard]] RandomStream next() { return {seed_, next_++}; }
  [[nodiscard]] std::uint64_t seed() const { return seed_; }
  [[nodiscard]] std::uint64_t position() const { return next_; } ///< streams handed out so far

private:
  std::uint64_t seed_;
  std::uint64_t next_;
};

} // namespace spade
