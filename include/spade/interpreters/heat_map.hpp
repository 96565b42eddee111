// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

namespace spade::interpreters {

/// How an attribution with channels becomes one value a pixel.
enum class Reduction {
  AbsoluteSum, ///< sum of absolute values over channels: how much a pixel matters, either way
  PositiveSum  ///< sum over channels, negative sums to 0: how much a pixel speaks for the class
};

/// The reduction an interpreter's maps are read with: the one it declares as `I::reduction`, or AbsoluteSum.
template <class I> [[nodiscard]] constexpr Reduction reduction_of() {
  if constexpr (requires { I::reduction; }) {
    return I::reduction;
  } else {
    return Reduction::AbsoluteSum;
  }
}

/// One value a pixel: M[n, p] = sum_c |A[n, c, p]|, or max(0, sum_c A[n, c, p]).
///
/// @param attribution [N, C, spatial...] (one or more spatial extents), finite
/// @returns [N, spatial...], never negative, of the attribution's type
/// @throws ShapeMismatch where there is no spatial extent
/// @throws NumericalError where a value is not finite
/// Cost: O(N C P) for P pixels; a copy of the attribution beside the result. Departure from
/// simonyan2014saliency, section 3.1: the sum over channels, not the largest.
[[nodiscard]] at::Tensor heat_map(const at::Tensor& attribution, Reduction reduction);

} // namespace spade::interpreters
