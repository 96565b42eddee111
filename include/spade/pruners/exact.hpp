// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include <spade/pruner.hpp>
#include <spade/pruners/elimination.hpp>
#include <spade/pruners/pattern.hpp>

namespace spade::pruners {

/// Optimal Brain Compression: every row's weights go one by one, always the one that costs least, and all
/// that are left make up for it.
///
/// With G = (H_SS)^-1 on the columns S that a row still has, removing p costs w_p^2 / (2 G_pp) and changes
/// the others by -w_p G_:p / G_pp (frantar2022obc, algorithm 1). With blocks, the b weights of a block J go
/// together, at w_J (G_JJ)^-1 w_J^T / 2; with N:M, a weight may go while its stretch of M has fewer than N
/// zeros. How much each row gives up: see Elimination.
///
/// Departures from the published solver, unless `reference` is set:
/// - exactly round(sparsity G R C) weights go (the published rule: the next larger integer);
/// - H + damping mean(diag H) I takes H's place (published: H, or where its Cholesky factorisation in float
///   fails, H + I, which depends on the unit of the inputs);
/// - columns whose diagonal element is under 1e-12 of the largest are dead: nothing depends on them. They go
///   first at no cost, the smallest weights before the others where they alone are more than asked for, and
///   keep their weights where a pattern keeps them.
/// The order and the losses are the published ones, computed by a factorisation with data-dependent pivots
/// (src/pruners/row_elimination.hpp) instead of a dense inverse update for every weight.
///
/// Groups of a grouped convolution have their own Gram matrices and share one budget.
///
/// Cost: R C^3 / 3 + C^3 flops a group (of several, C^3 more where its rows keep over half); 2.9 to 3.5 times
/// as long in double. Memory with one solution: 4 C^2 doubles and 4 R C floats, R the rows of all groups, and
/// C^2 + 128 C floats a thread (blocks: 2 b C more); doubles for these floats with `in_double`. Each further
/// sparsity of one elimination takes R C floats. Rows are shared out over parallel_for; the bits do not depend
/// on the number of threads.
class Exact {
public:
  struct Options {
    /// Single weights, blocks, or N:M.
    Pattern pattern{};
    /// Added to H's diagonal, as a fraction of its mean; by default see default_damping. Where that is not
    /// positive definite, ten times as much is tried (from 0: 1e-4), four times at most; the report has what
    /// was used.
    std::optional<double> damping{};
    /// The published count rule, damping, and dead columns (H_jj = 1), for comparisons.
    bool reference = false;
    /// Eliminate in double for float weights too. The inverse and the final weights are in double always.
    bool in_double = false;
    /// Fill in the report's relative error.
    bool report_error = true;
  };

  Exact() : Exact(Options{}) {}
  /// @throws InvalidArgument on a damping that is negative or not finite, and a pattern without sense
  explicit Exact(Options options);

  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] Statistics statistics() const { return Statistics::Full; }
  [[nodiscard]] std::string name() const { return "exact"; }

  /// Everything but the choice of the sparsity.
  /// @throws InvalidArgument where the pattern does not divide the columns, or the Gram matrix is missing or
  ///   not symmetric, or not zero beside a zero on its diagonal
  /// @throws ShapeMismatch where weight is not [G, R, C] or gram not [G, C, C]
  /// @throws NumericalError on NaN or infinity, a negative diagonal element, where no damping tried makes the
  ///   matrix positive definite, and where the elimination overflows
  [[nodiscard]] Elimination eliminate(const LayerProblem& problem) const;

  /// eliminate(problem).solution(sparsity), with the seconds of both; 0 and 1 need no elimination. Throws
  /// what they throw.
  [[nodiscard]] LayerSolution prune(const LayerProblem& problem, double sparsity) const;

private:
  Options options_;
};

static_assert(Pruner<Exact>);

} // namespace spade::pruners
