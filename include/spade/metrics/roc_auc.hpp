// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

namespace spade::metrics {

/// Area under the receiver operating characteristic of scores against a mask.
///
/// It is the probability that an element inside the mask scores higher than one outside, ties counting half:
///
///     AUC = (sum of the ranks of the P inside elements - P (P + 1) / 2) / (P N)
///
/// where equal scores share the mean of their ranks and N elements lie outside (mann1947test; fawcett2006roc,
/// section 7). Computed in double.
///
/// @param scores any shape, finite
/// @param mask   the same shape; an element is inside where it is over 0.5 (bool, 0/1 or 0/255 alike)
/// @returns in [0, 1]; 0.5 for a constant map
/// @throws ShapeMismatch where the shapes differ
/// @throws InvalidArgument where a tensor is undefined or complex, or the mask is all inside or all outside
/// @throws NumericalError where a score or a mask element is not finite
/// Cost: O(n log n) time, 24 bytes an element.
[[nodiscard]] double roc_auc(const at::Tensor& scores, const at::Tensor& mask);

} // namespace spade::metrics
