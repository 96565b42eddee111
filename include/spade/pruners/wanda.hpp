// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include <spade/pruner.hpp>

namespace spade::pruners {

/// Removes the weights whose contribution |w_rc| ||X_c|| is smallest: magnitude pruning that knows the
/// sample.
///
/// ||X_c||^2 is in proportion to H_cc, and w^2 H_cc is what removing the weight alone would cost, were
/// nothing to make up for it (sun2024wanda, equation 1). Weights compete within their row, as published, or
/// within the layer. Exactly round(sparsity G R C) go, rows sharing the number out as evenly as whole numbers
/// allow; of equal ones the first go first. The others keep their values, unless `refit` is set. Cost:
/// O(G R C), and a copy of the weights; where they compete within the layer, a double for each besides.
class Wanda {
public:
  /// Which weights are compared with each other.
  enum class Comparison { Row, Layer };

  struct Options {
    Comparison comparison = Comparison::Row;
    /// Then solve min ||(W - Q) X||^2 + damping for each row's kept weights, in double: C^3 flops at
    /// most, and for a row that keeps k of C k^3 / 3 or (C - k)^3 / 3; 3.5 C^2 doubles, C^2 / 4 a thread, and
    /// two copies of the weights. Needs Statistics::Full, and fills in the report's error.
    bool refit = false;
    /// Of the refit, as a fraction of H's mean diagonal; by default see default_damping.
    std::optional<double> damping{};
  };

  Wanda() : Wanda(Options{}) {}
  /// @throws InvalidArgument on a damping that is negative or not finite
  explicit Wanda(Options options);

  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] Statistics statistics() const {
    return options_.refit ? Statistics::Full : Statistics::Diagonal;
  }
  [[nodiscard]] std::string name() const { return "wanda"; }

  /// The problem's gram is [G, C], or [G, C, C], of which the diagonal is read.
  /// @throws InvalidArgument where sparsity is outside [0, 1], or there is no gram
  /// @throws ShapeMismatch where weight is not [G, R, C], or gram fits it in neither form
  /// @throws NumericalError on NaN or infinity, and a negative diagonal element
  ///
  /// With `refit` also what Exact throws for the Gram matrix.
  [[nodiscard]] LayerSolution prune(const LayerProblem& problem, double sparsity) const;

private:
  Options options_;
};

static_assert(Pruner<Wanda>);

} // namespace spade::pruners
