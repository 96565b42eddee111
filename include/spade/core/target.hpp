// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <utility>
#include <vector>

namespace spade {

/// Which output is explained: one class index for all samples of a batch, or one per sample.
///
/// The network's output is [N, classes]; target t of sample n selects output[n, t].
class Target {
public:
  Target(std::int64_t index)
      : indices_{index} {} // NOLINT(google-explicit-constructor): a class index is a target
  Target(std::initializer_list<std::int64_t> indices) : indices_(indices) {}
  explicit Target(std::vector<std::int64_t> indices) : indices_(std::move(indices)) {}

  [[nodiscard]] std::span<const std::int64_t> indices() const { return indices_; }

  /// One index per sample of a batch, each in [0, classes). O(samples).
  /// @throws InvalidArgument where an index is out of range
  /// @throws ShapeMismatch where there are several indices, but not one per sample
  [[nodiscard]] std::vector<std::int64_t> per_sample(std::int64_t samples, std::int64_t classes) const;

private:
  std::vector<std::int64_t> indices_;
};

} // namespace spade
