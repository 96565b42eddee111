// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <spade/pruner.hpp>

namespace spade::pruners {

/// What `Exact` would remove from one layer, in which order and at what cost; solutions at any number of
/// sparsities are read from it.
///
/// Each row of each group has its own order of removals and the loss of each. A sparsity is shared out over
/// rows by the count rule (frantar2022obc, algorithm 2): of all losses of the layer, the smallest are taken,
/// and a row gives up as many of its first weights as it has losses among them. The
/// weights that stay are then the least-squares optimum for what went, solved in double.
///
/// It keeps views of the problem's weight and Gram matrix: memory that they only borrow must stay as it is.
/// Memory: 12 bytes a weight, and C^2 doubles where the layer is one group; of several groups the inverse is
/// made again where a solution needs it, C^3 flops.
class Elimination {
public:
  /// One step: what went, and what that cost.
  struct Removal {
    std::int64_t column = 0; ///< of the weight; with blocks, the block's first column in the pattern's order
    double loss = 0;         ///< increase of (w - q) H (w - q)^T / 2 by this step, damping included
  };

  /// The removals of one row, in order. Dead columns come first, and cost nothing. O(C).
  /// @throws InvalidArgument where there is no such row
  [[nodiscard]] std::vector<Removal> removals(std::int64_t group, std::int64_t row) const;

  /// The layer with round(sparsity G R C) weights removed (blocks: round(sparsity G R C / b) blocks); the
  /// report's seconds are those of reading the solution alone. Per row that keeps k of C weights: k^3 / 3
  /// flops, or (C - k)^3 / 3 where that is less.
  /// @throws InvalidArgument where sparsity is outside [0, 1], or not the one that an N:M pattern has, or 0
  /// or 1
  /// @throws NumericalError where H is not positive definite on the columns of a row
  [[nodiscard]] LayerSolution solution(double sparsity) const;

  /// One for each sparsity, in their order, at the cost of the dearest and C k more flops a row for each.
  /// @throws as solution
  [[nodiscard]] std::vector<LayerSolution> solutions(std::span<const double> sparsities) const;

  struct State;
  explicit Elimination(std::shared_ptr<const State> state) : state_(std::move(state)) {}

private:
  std::shared_ptr<const State> state_;
};

} // namespace spade::pruners
