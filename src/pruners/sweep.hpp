// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// The sweep of pruners::Fast over one group, without an inverse: H = M M^T, M upper triangular, and with D =
// W - Q, Z = D M, the current weights of column j are W_j + Z_j / M_jj (kernels.hpp has the steps of one
// panel).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <spade/linalg/matrix.hpp>

#include "linalg/kernels.hpp"
#include "linalg/workspace.hpp"

namespace spade::pruners {

/// Consecutive columns [begin, end) that share one threshold.
struct MaskBlock {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t removed = 0; ///< how many of its weights go
  enum class Rule {
    Exact,    ///< just so many
    WithTies, ///< and those that cost as much as the last of them
    InEachRow ///< so many in every row
  };
  Rule rule = Rule::Exact;
};

template <class T> class Sweep {
public:
  /// @param factor L [n, n], lower triangular, of the matrix with rows and columns in reverse: M(i, j) =
  /// L(n-1-i, n-1-j)
  /// @param rows of the weights
  Sweep(const linalg::ConstMatrix<T>& factor, std::int64_t rows);

  /// Weights [rows, n] in packed form (kernels.hpp): W before `run`, Q after it.
  [[nodiscard]] T* weights() { return weights_.data(); }

  /// ||W M||^2, before `run`.
  [[nodiscard]] double squared_output();
  /// ||W||^2, before `run`.
  [[nodiscard]] double squared_weights() const;

  /// Removes each block's weights, in order; blocks cover [0, n) without gaps. Gives ||D M||^2 and ||D||^2,
  /// and all memory but the weights back. Once only.
  linalg::SweepSums run(std::span<const MaskBlock> blocks);

private:
  struct Range {
    std::int64_t begin;
    std::int64_t end;
  };

  [[nodiscard]] T* sliver_of(const linalg::Workspace<T>& columns, std::int64_t width,
                             std::int64_t sliver) const;
  [[nodiscard]] linalg::SweepPanel<T> part(std::int64_t sliver, T* z) const;
  void load(Range panel);
  void update(T* z, std::int64_t z_columns, std::int64_t z_first, Range columns);
  void clear_z();
  void accumulate(Range batch, T* z, std::int64_t z_columns, std::int64_t z_first);
  void narrow_blocks(std::span<const MaskBlock> blocks, linalg::SweepSums& sums);
  void wide_block(const MaskBlock& block, linalg::SweepSums& sums);
  [[nodiscard]] T choose(const MaskBlock& block);
  void choose_in_rows(std::int64_t width, std::int64_t removed);

  const linalg::Kernels<T>& kernel_;
  linalg::ConstMatrix<T> factor_;
  std::int64_t rows_;
  std::int64_t slivers_;
  std::int64_t n_;
  linalg::Workspace<T> weights_; ///< [rows, n], packed
  linalg::Workspace<T> z_;       ///< [rows, n], packed
  linalg::Workspace<T> d_;       ///< [rows, width of the panel], packed
  std::vector<T> scores_;        ///< [slivers][width of the mask block][sliver]
  std::vector<T> m_;             ///< the panel's block of M
  std::vector<T> reciprocals_;   ///< of M's diagonal
  Range panel_{0, 0};
};

extern template class Sweep<float>;
extern template class Sweep<double>;

} // namespace spade::pruners
