// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// The state of one row of optimal brain surgery: y, the weights that are left, and G = (H_SS)^-1 on the
// variables S that are left, of which only the diagonal d is at hand. Taking variable p out is
//   v = G(:, p) / sqrt(d_p);  y -= (y_p / sqrt(d_p)) v;  d -= v^2;  G -= v v^T
// and costs y_p^2 / d_p (Frantar, Singh and Alistarh 2022, "Optimal Brain Compression", equations 2 and 3).
#pragma once

#include <cstdint>
#include <vector>

#include "linalg/kernels.hpp"
#include "linalg/workspace.hpp"
#include "pruners/pivot_panel.hpp"

namespace spade::pruners {

/// G of all variables (or H, in forward_selection.hpp), symmetric; shared by all rows.
template <class T> struct SharedMatrix {
  const T* data = nullptr; ///< row-major, readable up to `stride` elements in each row
  std::int64_t size = 0;
  std::int64_t stride = 0; ///< row_elimination_stride(size)
  T smallest = 0;          ///< no d can be smaller: 1 / max H_jj (in H: its smallest eigenvalue)
};

/// A multiple of a sliver in any instruction set, and of an odd number of cache lines.
[[nodiscard]] std::int64_t row_elimination_stride(std::int64_t size);

/// A copy [n, n] with that stride in another type.
template <class T>
[[nodiscard]] linalg::Workspace<T> strided_copy(const linalg::Workspace<double>& square, std::int64_t n);

/// Updates are put off: v goes into a panel V, a column of G is A(:, p) - V V(p, :)^T when it is needed, and
/// when the panel is full, A, lower triangle, loses the rows and columns that are out, and then V V^T. So a
/// row costs one Cholesky factorisation, C^3 / 3 flops, nearly all of them in matrix products.
///
/// Variables keep their numbers; what is left of them lies in slots, which move when the panel is flushed.
/// Memory: C^2 elements and 32 C to 128 C; V takes more where `panel` is over that.
template <class T> class RowElimination {
public:
  /// @param most variables that any row will have @param panel vectors put off, at the least
  explicit RowElimination(std::int64_t most, std::int64_t panel = 0);

  /// Begins a row: y = weights [size], all variables in.
  void start(const SharedMatrix<T>& inverse, const T* weights);

  [[nodiscard]] std::int64_t slots() const { return slots_; }
  [[nodiscard]] std::int64_t variable(std::int64_t slot) const {
    return variables_[static_cast<std::size_t>(slot)];
  }
  /// Where a variable lies; -1 where it was flushed out.
  [[nodiscard]] std::int64_t slot_of(std::int64_t variable) const {
    return slot_of_[static_cast<std::size_t>(variable)];
  }
  [[nodiscard]] bool alive(std::int64_t slot) const { return panel_.alive.data()[slot] != T{0}; }

  /// The slot whose y^2 / d is smallest, the first of equals; -1 where none is finite.
  [[nodiscard]] std::int64_t best() const { return best_; }
  /// y^2 / d of a slot: twice what taking it out costs.
  [[nodiscard]] T cost(std::int64_t slot) const;
  [[nodiscard]] const T* y() const { return panel_.y.data(); } ///< [slots]
  /// [slots]: 1 for variables that are in.
  [[nodiscard]] const T* mask() const { return panel_.alive.data(); }

  /// Makes sure that `count` removals fit into the panel; flushes it where they do not. @returns whether it
  /// did
  bool make_room(std::int64_t count);
  /// Takes a variable out. The panel must have room.
  void remove(std::int64_t slot);
  /// Leaves a variable out of all that follows as if it were never to be chosen: it neither costs nor changes
  /// anything.
  void retire(std::int64_t slot);
  /// v of the last removal, [slots].
  [[nodiscard]] const T* vector() const { return panel_.column.data(); }

private:
  [[nodiscard]] std::int64_t panel_for(std::int64_t slots) const;
  [[nodiscard]] std::int64_t padded(std::int64_t count) const;
  void begin_panel();
  void load_column(std::int64_t slot);
  void compress(T* values);
  void compress_panel(std::int64_t left);
  void update(std::int64_t left);
  void flush();

  const linalg::Kernels<T>& kernel_;
  std::int64_t least_panel_;
  std::int64_t stride_;
  SharedMatrix<T> inverse_;
  std::int64_t slots_ = 0;
  std::int64_t depth_ = 0;
  std::int64_t capacity_ = 0;
  std::int64_t best_ = -1;
  bool shared_ = true; ///< A is still the shared inverse
  linalg::Workspace<T> a_;
  PivotPanel<T> panel_;
  std::vector<std::int32_t> variables_;
  std::vector<std::int32_t> slot_of_;
};

extern template class RowElimination<float>;
extern template class RowElimination<double>;

} // namespace spade::pruners
