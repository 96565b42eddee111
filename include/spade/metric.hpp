// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <string_view>

namespace spade {

/// Which way a score is better.
enum class Direction { HigherIsBetter, LowerIsBetter };

/// What a reader must know before two values of a score are compared; every metric has one as a member.
struct MetricDescription {
  std::string_view name;
  Direction direction = Direction::HigherIsBetter;
  double lowest = 0;  ///< end of the range of values
  double highest = 1; ///< end of the range of values
  double chance = 0;  ///< what a map of random numbers gets in the mean
  std::string_view assumptions;
};

/// A score of what a trace or an explanation is good for.
///
/// Semantics: `metric(inputs...)` lies between the lowest and the highest value of `M::description` and
/// depends on the inputs alone. Models: everything in metrics/ that is a class.
template <class M, class... Inputs>
concept Metric = std::copyable<M> && requires(const M& metric, const Inputs&... inputs) {
  { M::description } -> std::convertible_to<MetricDescription>;
  { metric(inputs...) } -> std::convertible_to<double>;
};

} // namespace spade
