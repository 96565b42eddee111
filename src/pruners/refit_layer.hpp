// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include <spade/pruner.hpp>

namespace spade::pruners {

/// Gives the weights that a mask left the values that suit the inputs best: for each row, min (w - q) H' (w -
/// q)^T over q that are zero where the solution's are, with H' = H + damping mean(diag H) I, in double.
/// Weights of dead columns (under 1e-12 of the largest diagonal element) stay as they are.
///
/// Fills in the report's relative error and damping. k^3 / 3 flops for a row that keeps k, and C^3 / 3;
/// where rows keep more than half, (C - k)^3 / 3 for each of those, and C^3. Memory: as refit.
/// @param pruner begins every message @param damping default_damping where there is none
/// @throws NumericalError where no damping tried makes H' positive definite
[[nodiscard]] LayerSolution refit_layer(const std::string& pruner, const LayerProblem& problem,
                                        const LayerSolution& masked, std::optional<double> damping);

/// Checks the option of that name. @throws InvalidArgument
void check_damping(const std::string& pruner, const std::optional<double>& damping);

} // namespace spade::pruners
