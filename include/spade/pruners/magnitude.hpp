// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <spade/pruner.hpp>

namespace spade::pruners {

/// Removes the weights of smallest absolute value, whatever the inputs: the baseline that ignores the sample.
///
/// Exactly round(sparsity G R C) weights of the layer are removed; of equal ones the first in row-major order
/// go first. The others keep their values. O(G R C).
class Magnitude {
public:
  [[nodiscard]] Statistics statistics() const { return Statistics::None; }
  [[nodiscard]] std::string name() const { return "magnitude"; }

  /// @throws InvalidArgument where sparsity is outside [0, 1]
  /// @throws ShapeMismatch where weight is not [G, R, C]
  /// @throws NumericalError on NaN or infinity
  [[nodiscard]] LayerSolution prune(const LayerProblem& problem, double sparsity) const;
};

static_assert(Pruner<Magnitude>);

} // namespace spade::pruners
