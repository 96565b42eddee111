// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <spade/pruner.hpp>
#include <spade/pruners/pattern.hpp>

namespace spade::pruners {

/// SparseGPT: one sweep over a layer's columns, each choice made up for by the columns to come.
///
/// With H' = H + damping mean(diag H) I and H' = M M^T, M upper triangular, columns are visited in order. A
/// column's current weights are w = W_j + Z_j / M_jj, where D = W - Q is what was changed so far and Z = D M.
/// The weights of a mask block with the smallest |w M_jj| (what removing one costs is its square) become
/// zero, the others keep w; that is frantar2023sparsegpt, algorithm 1, without its dense inverse.
///
/// Departures from the paper, unless `reference` is set:
/// - exactly round(sparsity G R C) weights are removed in total; blocks share the number out by their width,
///   and among equal costs the earlier column, then the earlier row, goes first. (Weights that were zero
///   before and are kept may add zeros, or, made up with others, lose them.) The published rule removes
///   floor(n sparsity) + 1 of a block's n;
/// - columns whose diagonal element is under 1e-12 of the largest are dead: nothing depends on them. They are
///   left out of the problem and removed first, the smallest weights before the others where they alone are
///   more than asked for.
///
/// Groups of a grouped convolution are solved one by one, each with its own Gram matrix.
///
/// Cost: C^3 / 3 + R C^2 flops a group for float or double weights alike, R C^2 more for `report_error`;
/// memory C^2 + 4 R C elements, doubles with `in_double` (with `refit` then 3.5 C^2 doubles, and C^2 / 4 a
/// thread).
/// Shared out over parallel_for; the bits do not depend on the number of threads.
class Fast {
public:
  struct Options {
    /// Consecutive columns that share one threshold; 0: the layer's kernel elements, 1 for a linear layer.
    std::int64_t mask_block = 0;
    /// Exactly N zeros in each M consecutive columns of each row, which then share one choice of their own;
    /// mask_block does not count. Blocks of columns cannot be asked for.
    Pattern pattern{};
    /// Added to H's diagonal, as a fraction of its mean; by default see default_damping (1e-2 with
    /// `reference`). Where H' is not positive definite, ten times as much is tried (from 0: 1e-4), four times
    /// at most; the report has what was used.
    std::optional<double> damping{};
    /// The published count rule, ties, and dead columns (H_jj = 1, which enters the mean), for comparisons.
    bool reference = false;
    /// Then solve min ||(W - Q) X||^2 + damping for each row's kept weights, in double: k^3 / 3 flops for a
    /// row that keeps k, and C^3 where many keep over half. Cuts the error two to three times at 50 to 95 %
    /// (docs/performance.md has the time).
    bool refit = false;
    /// Factor and sweep in double for float weights too. Float suffices down to a damping of about 1e-5.
    bool in_double = false;
    /// Fill in the report's relative error.
    bool report_error = true;
  };

  Fast() : Fast(Options{}) {}
  /// @throws InvalidArgument on a negative block or damping, a damping that is not finite, and a pattern of
  ///   blocks or without sense, or with `reference`
  explicit Fast(Options options);

  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] Statistics statistics() const { return Statistics::Full; }
  [[nodiscard]] std::string name() const { return "fast"; }

  /// @throws InvalidArgument where sparsity is outside [0, 1] or not the pattern's, the pattern does not
  ///   divide the columns, or the Gram matrix is missing, not symmetric, or not zero beside a zero on its
  ///   diagonal
  /// @throws ShapeMismatch where weight is not [G, R, C] or gram not [G, C, C]
  /// @throws NumericalError on NaN or infinity, a negative diagonal element, where no damping tried makes H'
  ///   positive definite, and where the pruned weights overflow
  [[nodiscard]] LayerSolution prune(const LayerProblem& problem, double sparsity) const;

private:
  Options options_;
};

static_assert(Pruner<Fast>);

} // namespace spade::pruners
