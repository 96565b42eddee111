// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <spade/core/rng.hpp>

#include "engine.hpp"

namespace spade::statistics {

PositionSampling PositionSampling::of(std::int64_t per_column, std::int64_t columns, std::int64_t copies,
                                      std::int64_t positions, std::uint64_t seed) {
  if (per_column == 0) return {0, seed};
  const std::int64_t per_copy = (per_column * columns + copies - 1) / copies;
  return {per_copy < positions ? per_copy : 0, seed};
}

// One draw from each of `per_copy` equal stretches of the positions, taken as a real interval: every position
// is drawn once for each 1 / per_copy of the interval that it fills, on average, so sums scaled by positions
// / per_copy are unbiased; and neighbours, which say much the same, are seldom drawn together.
void PositionSampling::draw(std::int64_t copy, std::int64_t positions,
                            std::vector<std::int64_t>& result) const {
  RandomStream stream(seed, static_cast<std::uint64_t>(copy));
  const double stretch = static_cast<double>(positions) / static_cast<double>(per_copy);
  result.resize(static_cast<std::size_t>(per_copy));
  for (std::int64_t i = 0; i < per_copy; ++i) {
    const auto drawn = static_cast<std::int64_t>((static_cast<double>(i) + stream.uniform()) * stretch);
    result[static_cast<std::size_t>(i)] = std::min(drawn, positions - 1);
  }
}

} // namespace spade::statistics
