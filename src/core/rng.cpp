// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/core/rng.hpp>

#include <cmath>
#include <limits>
#include <numbers>

#include <spade/core/error.hpp>

namespace spade {

// Ten rounds; the constants are the paper's.
std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = std::uint64_t{0xD2511F53U} * counter[0];
    const std::uint64_t product1 = std::uint64_t{0xCD9E8D57U} * counter[2];
    counter = {static_cast<std::uint32_t>(product1 >> 32U) ^ counter[1] ^ key[0],
               static_cast<std::uint32_t>(product1),
               static_cast<std::uint32_t>(product0 >> 32U) ^ counter[3] ^ key[1],
               static_cast<std::uint32_t>(product0)};
    key[0] += 0x9E3779B9U;
    key[1] += 0xBB67AE85U;
  }
  return counter;
}

std::uint32_t RandomStream::bits() {
  if (used_ == buffer_.size()) {
    buffer_ = philox4x32({static_cast<std::uint32_t>(block_), static_cast<std::uint32_t>(block_ >> 32U),
                          static_cast<std::uint32_t>(stream_), static_cast<std::uint32_t>(stream_ >> 32U)},
                         {static_cast<std::uint32_t>(seed_), static_cast<std::uint32_t>(seed_ >> 32U)});
    ++block_;
    used_ = 0;
  }
  return buffer_[used_++];
}

double RandomStream::uniform() {
  const std::uint64_t high = bits();
  const std::uint64_t low = bits();
  return static_cast<double>(((high << 32U) | low) >> 11U) * 0x1.0p-53;
}

std::int64_t RandomStream::integer(std::int64_t bound) {
  if (bound < 1) throw InvalidArgument(message("RandomStream::integer: bound ", bound, " is under 1"));
  const auto range = static_cast<std::uint64_t>(bound);
  // Draws in the last, incomplete multiple of the range would favour small results.
  const std::uint64_t limit =
      std::numeric_limits<std::uint64_t>::max() - std::numeric_limits<std::uint64_t>::max() % range;
  for (;;) {
    const std::uint64_t high = bits();
    const std::uint64_t draw = (high << 32U) | bits();
    if (draw < limit) return static_cast<std::int64_t>(draw % range);
  }
}

double RandomStream::normal() {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

} // namespace spade
