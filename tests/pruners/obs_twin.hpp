// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "pruners/problems.hpp"

namespace spade::tests {

/// One row pruned to nothing by optimal brain surgery.
struct ObsTwin {
  std::vector<std::int64_t> order;       ///< unit that went in each step
  std::vector<double> losses;            ///< of each step
  std::vector<Eigen::RowVectorXd> trace; ///< weights after 0, 1, 2, ... steps
};

/// OBC as the paper has it (Frantar, Singh and Alistarh 2022, algorithm 1), in double, with a dense inverse
/// and a full update of it in every step: O(C^3). Unit u is the columns units[u], which go together; with
/// `of` over 0, of units u, u + 1, ... in each stretch of `of` only `zeros` may go.
[[nodiscard]] ObsTwin obs_twin(const Eigen::RowVectorXd& weight, const Dense& gram,
                               const std::vector<std::vector<Eigen::Index>>& units, std::int64_t zeros = 0,
                               std::int64_t of = 0);

/// {{0}, {1}, ...}: every column alone.
[[nodiscard]] std::vector<std::vector<Eigen::Index>> single_columns(std::int64_t columns);

/// The paper's count rule: how many steps each row takes when the `count` smallest losses of all are taken.
[[nodiscard]] std::vector<std::int64_t> count_rule(const std::vector<ObsTwin>& rows, std::int64_t count);

/// H + damping mean(diag H) I
[[nodiscard]] Dense damped(const Dense& gram, double damping);

} // namespace spade::tests
