// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include <spade/linalg/matrix.hpp>

namespace spade::linalg {

/// A matrix X [rows, depth] packed once for products of any two stretches of its columns.
///
/// It is cut into slivers of `height()` rows (the last one filled up with zeros). Within a sliver, the rows
/// of one column are neighbours, so that shifting a stretch by some columns is only another address: sums of
/// X(:, p) X(:, p + shift)^T need no second copy. The height is that of the instruction set in use when X is
/// made.
template <class T> class Slivers {
public:
  /// Elements are zero at first. @throws InvalidArgument where an extent is negative
  Slivers(std::int64_t rows, std::int64_t depth);
  Slivers(Slivers&&) noexcept;
  Slivers& operator=(Slivers&&) noexcept;
  ~Slivers();

  /// Rows per sliver in the instruction set now in use.
  [[nodiscard]] static std::int64_t current_height();
  [[nodiscard]] std::int64_t height() const;
  [[nodiscard]] std::int64_t count() const;                      ///< number of slivers
  [[nodiscard]] std::int64_t rows_of(std::int64_t sliver) const; ///< rows of X in it

  /// Writes columns [position, position + part.columns) of one sliver; part has that sliver's rows.
  void pack(std::int64_t sliver, std::int64_t position, const ConstMatrix<T>& part);

  /// tile(r, s) += sum_k X_i(r, p + k) X_j(s, q + k) for k < depth, where X_i is sliver i; tile is [height,
  /// height]. 2 height^2 depth flops, on the calling thread.
  void multiply_add(std::int64_t i, std::int64_t p, std::int64_t j, std::int64_t q, std::int64_t depth,
                    T* tile) const;

  /// sums[r] += sum_k X_i(r, p + k) X_i(r, q + k) for k < depth: the tile's diagonal alone.
  void multiply_add_rows(std::int64_t i, std::int64_t p, std::int64_t q, std::int64_t depth, T* sums) const;

private:
  struct State;
  std::unique_ptr<State> state_;
};

extern template class Slivers<float>;
extern template class Slivers<double>;

} // namespace spade::linalg
