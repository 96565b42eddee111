// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include <spade/pruner.hpp>

namespace spade::pruners {

/// Removes the weights of smallest absolute value, whatever the inputs: the baseline that ignores the sample.
///
/// Exactly round(sparsity G R C) weights of the layer are removed; of equal ones the first in row-major order
/// go first. The others keep their values, unless `refit` is set. Cost: O(G R C), and two copies of the
/// weights. Source: han2015learning. Departure: a count for each layer, no threshold, and no training after.
class Magnitude {
public:
  struct Options {
    /// Then solve min ||(W - Q) X||^2 + damping for each row's kept weights, in double: C^3 flops at
    /// most, and for a row that keeps k of C k^3 / 3 or (C - k)^3 / 3; 3.5 C^2 doubles, C^2 / 4 a thread, and
    /// two copies of the weights. Needs Statistics::Full, and fills in the report's error.
    bool refit = false;
    /// Of the refit, as a fraction of H's mean diagonal; by default see default_damping.
    std::optional<double> damping{};
  };

  Magnitude() : Magnitude(Options{}) {}
  /// @throws InvalidArgument on a damping that is negative or not finite
  explicit Magnitude(Options options);

  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] Statistics statistics() const { return options_.refit ? Statistics::Full : Statistics::None; }
  [[nodiscard]] std::string name() const { return "magnitude"; }

  /// @throws InvalidArgument where sparsity is outside [0, 1]
  /// @throws ShapeMismatch where weight is not [G, R, C]
  /// @throws NumericalError on NaN or infinity
  ///
  /// With `refit` also what Exact throws for the Gram matrix.
  [[nodiscard]] LayerSolution prune(const LayerProblem& problem, double sparsity) const;

private:
  Options options_;
};

static_assert(Pruner<Magnitude>);

} // namespace spade::pruners
