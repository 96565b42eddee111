// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include <spade/pruner.hpp>

namespace spade::pruners {

/// Takes weights in before it takes them out: forward selection to twice as many as will be kept, then
/// optimal brain surgery among them. At high sparsity better than Exact, and many times cheaper.
///
/// 1. Each row, from nothing, takes in m weights, always the one that explains most of what is left of ||W
///    X||^2: with y = H w and d = diag(H), the one of largest y_p^2 / (2 d_p) (orthogonal least squares:
///    chen1989orthogonal). m is twice k, the layer's mean number of kept weights a row, and at least k + 8.
///    Rows that step 2 leaves with more than two thirds of their m take in twice what they kept, or, where
///    that is over a third of C, all C as Exact does; and so on until each has enough to choose from.
/// 2. Each row takes them out again as Exact does (frantar2022obc), from the least-squares optimum on the m;
///    the layer's count rule decides how many, so that exactly round(sparsity G R C) are gone. Final weights:
///    the least-squares optimum on what is kept, in double.
/// 3. With `swaps`, before the final weights: in each row a kept and a removed weight trade places, always
///    the pair that lowers the row's error most, until none lowers it by a thousandth (n swaps a row at
///    most). A local optimum of pairs is at least as good as where it began; docs/performance.md has by how
///    much. Rows that keep over a third of many columns are left as they are: the memory would not do.
///
/// Where that has no advantage, `Exact` is run instead, with the same options, and the report's `solver` says
/// so (without swaps): at a sparsity under 0.75, where forward selection costs more than elimination, and
/// from fewer positions than `least_positions` C. Forward selection overfits few positions more than
/// elimination does; the default damping, which is larger there, makes up for it down to a quarter of C
/// (docs/pruners.md has the measurement).
///
/// Dead columns, damping, groups: as Exact. Cost for a row that keeps k: 4 C k^2 + 8 k^3 flops, and C^3 / 3 a
/// group; with swaps 2 C k^2 more, and 11 C k for each. A row that takes in more later costs as much again
/// with half of that for k, or C^3 / 3 where it takes in all; few rows do where all have much the same energy
/// (none of 256 rows of 2304 normal weights at 95 %). Memory: 4 C^2 doubles, 4 R C floats, and a thread's
/// 2 C k + 24 k^2 floats (with swaps 2 C k + 6 k^2), or C^2 + 128 C where a row takes in all; in all no more
/// than Exact's, but for many threads under 80 %. Rows are shared out over parallel_for; the bits do not
/// depend on the number of threads.
class ForwardBackward {
public:
  struct Options {
    /// Positions, as a multiple of C, from which on forward selection is trusted; 0: always. A problem that
    /// does not tell its positions counts as having enough.
    double least_positions = 0.25;
    /// Added to H's diagonal, as a fraction of its mean; by default see default_damping. Raised as in Exact.
    std::optional<double> damping{};
    /// Let kept and removed weights of a row trade places afterwards.
    bool swaps = false;
    /// Both selections in double for float weights too.
    bool in_double = false;
    /// Fill in the report's relative error.
    bool report_error = true;
  };

  ForwardBackward() : ForwardBackward(Options{}) {}
  /// @throws InvalidArgument on options that are negative or not finite
  explicit ForwardBackward(Options options);

  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] Statistics statistics() const { return Statistics::Full; }
  [[nodiscard]] std::string name() const { return "forward_backward"; }

  /// @throws InvalidArgument where sparsity is outside [0, 1], or the Gram matrix is missing, not symmetric, or not
  ///   zero beside a zero on its diagonal
  /// @throws ShapeMismatch where weight is not [G, R, C] or gram not [G, C, C]
  /// @throws NumericalError on NaN or infinity, a negative diagonal element, and where no damping tried makes
  ///   the matrix positive definite
  [[nodiscard]] LayerSolution prune(const LayerProblem& problem, double sparsity) const;

private:
  Options options_;
};

static_assert(Pruner<ForwardBackward>);

} // namespace spade::pruners
