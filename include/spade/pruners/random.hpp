// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include <spade/pruner.hpp>

namespace spade::pruners {

/// Removes weights drawn at random: the control that knows neither the weights nor the sample.
///
/// Exactly round(sparsity G R C) weights of the layer, every set of that size with the same probability. The
/// draws come from the stream numbered by the layer's name (its 64-bit FNV-1a hash), so that neither the
/// order of the layers nor a plan that leaves some out changes what is removed; two layers of one name and
/// shape lose the same weights. O(G R C).
class Random {
public:
  struct Options {
    std::uint64_t seed = 0;
  };

  Random() : Random(Options{}) {}
  explicit Random(Options options) : options_(options) {}

  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] Statistics statistics() const { return Statistics::None; }
  [[nodiscard]] std::string name() const { return "random"; }

  /// @throws InvalidArgument where sparsity is outside [0, 1]
  /// @throws ShapeMismatch where weight is not [G, R, C]
  /// @throws NumericalError on NaN or infinity
  [[nodiscard]] LayerSolution prune(const LayerProblem& problem, double sparsity) const;

private:
  Options options_;
};

static_assert(Pruner<Random>);

} // namespace spade::pruners
