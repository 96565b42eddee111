// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <spade/pruner.hpp>

namespace spade::pruners {

/// The extents of a problem whose weight has passed the checks.
struct Extents {
  std::int64_t groups = 0;
  std::int64_t rows = 0;
  std::int64_t columns = 0;

  [[nodiscard]] std::int64_t size() const { return groups * rows * columns; }
};

/// Checks the weight and the sparsity. `pruner` begins every message.
/// @throws ShapeMismatch, InvalidArgument, NumericalError
Extents check_weight(const std::string& pruner, const LayerProblem& problem, double sparsity);

/// Checks that the Gram matrix is there, [G, C, C], finite, has no negative diagonal element, is symmetric to 1e-4
/// sqrt(H_ii H_jj) (dead columns: what is under 1e-12 of the largest diagonal element counts as that), and, to as
/// much of the largest, zero in dead columns.
/// @throws ShapeMismatch, InvalidArgument, NumericalError
void check_gram(const std::string& pruner, const LayerProblem& problem, const Extents& extents);

/// round(sparsity size): how many weights a pruner with exact counts removes.
[[nodiscard]] std::int64_t exact_count(double sparsity, std::int64_t size);

/// The solution in the element type of the problem's weight, its sparsity counted.
template <class T>
[[nodiscard]] LayerSolution solution_of(const LayerProblem& problem, std::vector<T> weight);

/// W itself.
[[nodiscard]] LayerSolution unchanged(const LayerProblem& problem);

/// W itself for sparsity 0, and all zeros for any other, with the relative error that the Gram matrix [G, C, C] gives:
/// 0; and 1, or 0 where W computes nothing.
[[nodiscard]] LayerSolution all_or_nothing(const LayerProblem& problem, double sparsity);

} // namespace spade::pruners
