// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <spade/pruner.hpp>

namespace spade::pruners {

/// Removes weights drawn at random: the control that knows neither the weights nor the sample.
///
/// Exactly round(sparsity G R C) weights of the layer, every set of that size with the same probability. The
/// draws come from the stream numbered by the layer's name (its 64-bit FNV-1a hash), so that neither the
/// order of the layers nor a plan that leaves some out changes what is removed; two layers of one name and
/// shape lose the same weights. Cost: a draw for each weight, and a copy of them. Source:
/// knuth1997seminumerical, section 3.4.2, algorithm S.
class Random {
public:
  struct Options {
    std::uint64_t seed = 0;
    /// Then solve min ||(W - Q) X||^2 + damping for each row's kept weights, in double: C^3 flops at
    /// most, and for a row that keeps k of C k^3 / 3 or (C - k)^3 / 3; 3.5 C^2 doubles, C^2 / 4 a thread, and
    /// two copies of the weights. Needs Statistics::Full, and fills in the report's error.
    bool refit = false;
    /// Of the refit, as a fraction of H's mean diagonal; by default see default_damping.
    std::optional<double> damping{};
  };

  Random() : Random(Options{}) {}
  /// @throws InvalidArgument on a damping that is negative or not finite
  explicit Random(Options options);

  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] Statistics statistics() const { return options_.refit ? Statistics::Full : Statistics::None; }
  [[nodiscard]] std::string name() const { return "random"; }

  /// @throws InvalidArgument where sparsity is outside [0, 1]
  /// @throws ShapeMismatch where weight is not [G, R, C]
  /// @throws NumericalError on NaN or infinity
  ///
  /// With `refit` also what Exact throws for the Gram matrix.
  [[nodiscard]] LayerSolution prune(const LayerProblem& problem, double sparsity) const;

private:
  Options options_;
};

static_assert(Pruner<Random>);

} // namespace spade::pruners
