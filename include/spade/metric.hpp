// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace spade {

/// Which way a score is better.
enum class Direction { HigherIsBetter, LowerIsBetter };

/// What a reader must know before two values of a score are compared; every metric has one beside it.
struct MetricDescription {
  std::string_view name;
  Direction direction = Direction::HigherIsBetter;
  double lowest = 0;  ///< end of the range of values
  double highest = 1; ///< end of the range of values
  double chance = 0;  ///< what a map of random numbers gets in the mean
  std::string_view assumptions;
};

} // namespace spade
