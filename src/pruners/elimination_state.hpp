// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <spade/pruners/elimination.hpp>
#include <spade/pruners/exact.hpp>

#include "linalg/live_columns.hpp"
#include "linalg/workspace.hpp"
#include "pruners/problem_check.hpp"

namespace spade::pruners {

/// One group, whose variables are positions in live.index.
struct GroupElimination {
  linalg::LiveColumns live;
  double damping = 0;
  double scale = 1;
  std::int64_t steps = 0; ///< removals in a row
  std::size_t offset = 0; ///< of the first row's removals in `order` and `losses`
  /// Of scale (H + damping mean I), both triangles; kept where the layer is one group.
  std::optional<linalg::Workspace<double>> inverse;

  [[nodiscard]] std::int64_t variables() const { return static_cast<std::int64_t>(live.index.size()); }
};

struct Elimination::State {
  std::string pruner; ///< begins every message
  LayerProblem problem;
  Exact::Options options;
  Extents extents;
  std::vector<GroupElimination> groups;
  std::vector<std::int32_t> order; ///< variables, or blocks: block q of Q has the variables q, q + Q, ...
  std::vector<double> losses;

  [[nodiscard]] std::int64_t block() const { return options.pattern.block; }
  [[nodiscard]] bool in_double() const {
    return options.in_double || problem.weight.scalar_type() == ScalarType::Float64;
  }
  [[nodiscard]] bool has_pattern() const { return block() > 1 || options.pattern.of > 0; }
};

/// The numbers of a group's rows.
[[nodiscard]] std::vector<std::int64_t> all_rows(const Elimination::State& state);

/// The inverse of a group's H', made with the damping that the group has. C^3 flops.
[[nodiscard]] linalg::Workspace<double> make_inverse(const Elimination::State& state, std::int64_t group,
                                                     const std::string& context);

/// The variables of one row in the order in which they go; those that never go come last.
[[nodiscard]] std::vector<std::int32_t> removal_sequence(const Elimination::State& state,
                                                         const GroupElimination& group, std::int64_t row);

/// Weights (with a pattern of blocks: blocks) of the layer that a sparsity asks to remove.
[[nodiscard]] std::int64_t asked_count(const Elimination::State& state, double sparsity);

/// Weights of the layer in dead columns, which are no variables.
[[nodiscard]] std::int64_t dead_count(const Elimination::State& state);

/// How many removals each row ([group][row]) gives when `count` of the whole layer are taken.
[[nodiscard]] std::vector<std::int64_t> removals_by_row(const Elimination::State& state, std::int64_t count);

} // namespace spade::pruners
