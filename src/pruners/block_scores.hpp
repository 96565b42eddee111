// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "pruners/row_elimination.hpp"

namespace spade::pruners {

/// What removing each block of a row would cost: y_J (G_JJ)^-1 y_J^T, with the blocks' G_JJ kept up to date.
///
/// Block q of Q has the variables q, q + Q, q + 2 Q, ...: the elements with the same number in their blocks
/// lie next to each other, so that all loops run over blocks.
template <class T> class BlockScores {
public:
  /// @param most blocks that a row will have @param width b, variables in a block
  BlockScores(std::int64_t most, std::int64_t width);

  void start(const SharedMatrix<T>& inverse);

  [[nodiscard]] std::int64_t left() const { return left_; } ///< Q: blocks that have slots
  [[nodiscard]] std::int64_t block(std::int64_t at) const { return blocks_[static_cast<std::size_t>(at)]; }

  struct Choice {
    std::int64_t at = -1; ///< position among `left()`; -1 where no score is finite
    T cost = 0;           ///< y_J (G_JJ)^-1 y_J^T
  };
  /// The cheapest block, the first of equals.
  [[nodiscard]] Choice best(const T* y);

  void take(std::int64_t at) { alive_[static_cast<std::size_t>(at)] = false; }
  /// G_JJ -= v_J v_J^T for all blocks.
  void update(const T* v);
  /// Forgets the blocks that were taken; to be called when the elimination's panel was flushed.
  void compact();

private:
  [[nodiscard]] std::int64_t pair(std::int64_t i, std::int64_t j) const { return i * (i + 1) / 2 + j; }

  std::int64_t width_;
  std::int64_t most_;
  std::int64_t left_ = 0;
  T smallest_ = 0;
  std::vector<T> diagonal_; ///< [b (b + 1) / 2][most]: lower triangles of all G_JJ
  std::vector<T> factor_;   ///< the same for `batch_` blocks: their Cholesky factors
  std::vector<T> solved_;   ///< [b][batch]: L^-1 y
  std::int64_t batch_;
  std::vector<std::int64_t> blocks_;
  std::vector<bool> alive_;
};

extern template class BlockScores<float>;
extern template class BlockScores<double>;

} // namespace spade::pruners
