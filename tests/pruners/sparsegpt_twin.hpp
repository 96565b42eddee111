// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "pruners/problems.hpp"

namespace spade::tests {

/// Which weights a block gives up, as the twin is told: the published rule, or a number for the block.
struct TwinCount {
  bool published = true;
  double sparsity = 0;
  std::int64_t exact = 0; ///< per block, where not published
};

/// SparseGPT as the paper has it (Frantar and Alistarh 2023, algorithm 1), in double, with a dense inverse
/// and every column's update carried out on all columns to come: O(C^3 + R C^2), no blocks but the mask's.
[[nodiscard]] Dense sparsegpt_twin(const Dense& weight, const Dense& gram, double damping,
                                   std::int64_t mask_block, const TwinCount& count);

/// Optimal brain surgeon for a given mask, by definition: per row, the minimiser of (w - w0) (H + damping) (w
/// - w0)^T with the masked weights at zero.
[[nodiscard]] Dense least_squares_twin(const Dense& weight, const Dense& gram, double damping,
                                       const Dense& pruned);

} // namespace spade::tests
