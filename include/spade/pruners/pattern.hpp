// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace spade::pruners {

/// Which columns of a convolution are neighbours. For a linear layer both are the same.
enum class ColumnOrder {
  ChannelOutermost, ///< as stored: all kernel elements of one input channel, then the next
  ChannelInnermost  ///< all input channels of one kernel element, then the next, as in OBC's experiments
};

/// Which sets of weights may be removed: single weights, or as hardware wants them.
///
/// Source: frantar2022obc, section 4. The pruners throw InvalidArgument on a pattern without sense: a block
/// under 1, not 1 <= zeros < of, or both blocks and N:M.
struct Pattern {
  std::int64_t block = 1; ///< so many consecutive columns of one row go together; must divide C
  std::int64_t zeros = 0; ///< with `of`: exactly so many ...
  std::int64_t of = 0;    ///< ... of each `of` consecutive columns of one row; must divide C. 0: any number
  ColumnOrder order = ColumnOrder::ChannelOutermost;

  [[nodiscard]] static constexpr Pattern unstructured() { return {}; }
  [[nodiscard]] static constexpr Pattern blocks(std::int64_t width,
                                                ColumnOrder order = ColumnOrder::ChannelOutermost) {
    return {width, 0, 0, order};
  }
  /// 2:4 sparsity is zeros_of(2, 4).
  [[nodiscard]] static constexpr Pattern zeros_of(std::int64_t zeros, std::int64_t of,
                                                  ColumnOrder order = ColumnOrder::ChannelOutermost) {
    return {1, zeros, of, order};
  }
};

} // namespace spade::pruners
