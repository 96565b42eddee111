// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// The kernels of one instruction set, as a table of functions on raw pointers.
//
// Every file in levels/ is compiled with other instructions. An inline function or template that two of them
// share would be merged by the linker, and a processor without AVX-512 might be handed the AVX-512 copy.
// Therefore these files use nothing of std, everything in them has internal linkage, and each exports one
// table (a test looks at the symbols).
//
// Packed form: a matrix [rows, depth] is cut into slivers of `sliver` rows; in a sliver, element (row, p)
// lies at p * sliver + row. The last sliver is filled up with zeros.
#pragma once

#include <stdint.h>

namespace spade::linalg {

/// One sliver of rows in one panel of the sweep of pruners::Fast. With H = M M^T, M upper triangular, W the
/// given weights, Q the pruned ones, D = W - Q and Z = D M over the columns already done, a column's current
/// weights are w = W_j + Z_j / M_jj. Columns are numbered from the panel's first; (row, column) lies at
/// column * sliver + row.
template <class T> struct SweepPanel {
  const T* m; ///< the panel's block of M, row-major
  int64_t m_stride;
  const T* reciprocals; ///< 1 / M_jj
  T* weights;           ///< W; `eliminate` puts Q in its place
  T* z;                 ///< Z from columns before the panel, and what was accumulated since
  T* d;                 ///< D
};

/// Summed over rows and columns that `eliminate` handled.
struct SweepSums {
  double loss = 0;     ///< ((w - Q) M_jj)^2
  double distance = 0; ///< (W - Q)^2
};

/// One step of an elimination (src/pruners/row_elimination.hpp): the pivot's column becomes the next vector v
/// of the panel V, and every row's y and d follow. Arrays have `slivers` times `sliver` elements.
template <class T> struct EliminationStep {
  int64_t slivers;
  int64_t depth;         ///< vectors in the panel before this one
  int64_t capacity;      ///< vectors that a sliver of the panel has room for
  T* panel;              ///< V, packed; v is written as its vector number `depth`
  const T* coefficients; ///< [depth]: the pivot's row of V
  T* column;             ///< the pivot's column before the panel; v afterwards
  const T* alive;        ///< 1, or 0 for rows that are out: their v is 0
  T* y;
  T* d;
  T reciprocal; ///< v = (column - V coefficients) reciprocal
  T change;     ///< y -= change v
  T smallest;   ///< d = max(d - v^2, smallest)
  T sign;       ///< rows are compared by sign y^2 / d
};

/// The row whose sign y^2 / d is smallest, the first of equals; -1 where none is finite.
template <class T> struct EliminationChoice {
  int64_t row;
  T score;
};

template <class T> struct Kernels {
  /// Rows in a sliver: three vector registers.
  int64_t sliver;
  /// Rows of C that `multiply_add` computes together; divides `sliver`.
  int64_t strip;

  /// Packs a [rows, depth] matrix into one sliver; rows <= sliver.
  void (*pack)(int64_t rows, int64_t depth, const T* source, int64_t row_stride, int64_t depth_stride,
               T* sliver);

  /// Writes a packed sliver back to a row-major matrix: destination[row * row_stride + p], p in [0, depth).
  void (*unpack)(int64_t rows, int64_t depth, const T* sliver, T* destination, int64_t row_stride);

  /// Whether |X(r, p) - Y(p, r)| <= tolerance (x_norms[r] y_norms[p]) everywhere, for a packed sliver X [sliver,
  /// depth] and a matrix Y [depth, sliver], Y(p, r) at y[p * y_stride + r]. NaN is no such number.
  bool (*agree)(int64_t depth, T tolerance, const T* x, const T* x_norms, const T* y, int64_t y_stride,
                const T* y_norms);

  /// C(i, j) += alpha sum_p A(i, p) B(j, p) for row_begin <= i < row_end and column_begin <= j < column_end,
  /// where A and B are packed with the same depth. C is row-major and addressed from its element (0, 0).
  /// row_begin must be a multiple of `strip`, column_begin of `sliver`. With `lower`, only elements with j <=
  /// i are touched.
  void (*multiply_add)(int64_t depth, T alpha, const T* a, int64_t row_begin, int64_t row_end, const T* b,
                       int64_t column_begin, int64_t column_end, T* c, int64_t c_stride, bool lower);

  /// sums[r] += sum_p A(r, p) B(r, p) for one sliver of A and of B, [sliver, depth] each.
  void (*multiply_add_rows)(int64_t depth, const T* a, const T* b, T* sums);

  /// X <- X L^-T for one sliver X [sliver, depth], where L [depth, depth] is packed and lower triangular, and
  /// reciprocals[p] = 1 / L(p, p). Columns of X before `first`, a multiple of `strip`, are zero and not read.
  void (*solve)(int64_t first, int64_t depth, const T* packed_l, const T* reciprocals, T* x);

  /// Factors a symmetric matrix whose lower triangle is given, A = L L^T, in place, for n <= sliver; also
  /// writes 1 / L(p, p). Returns n, or the first p whose pivot is not over `smallest_pivot` (A is then partly
  /// overwritten).
  int64_t (*factor)(int64_t n, T smallest_pivot, T* a, int64_t row_stride, T* reciprocals);

  /// Z(r, c) += sum_p X(r, p) M(p, c) for c < width, on one sliver of X [sliver, depth] and of Z [sliver,
  /// width], with M row-major. A strip's worth of elements after each row of M must be readable.
  void (*accumulate)(int64_t depth, int64_t width, const T* x, const T* m, int64_t m_stride, T* z);

  /// Columns [begin, end) of the SparseGPT sweep on one sliver; see SweepPanel.
  void (*score)(const SweepPanel<T>& panel, int64_t first, int64_t begin, int64_t end, T* scores);
  void (*eliminate)(const SweepPanel<T>& panel, int64_t begin, int64_t end, const T* scores, T threshold,
                    SweepSums& sums);

  /// A t such that exactly k of the non-negative values are <= t; where ties leave no such t, the smallest
  /// with more than k. 1 <= k <= the number of values that are not NaN. NaN is over everything.
  T (*threshold)(int64_t count, const T* values, int64_t k);

  EliminationChoice<T> (*eliminate_step)(const EliminationStep<T>& step);

  /// destination <- the elements of source whose `alive` is not 0, in order. The destination may be the
  /// source, or begin before it. All three must be readable or writable up to the next multiple of `sliver`,
  /// where the destination is left with anything.
  void (*compress)(int64_t count, const T* source, const T* alive, T* destination);
};

struct KernelTable {
  Kernels<float> single;
  Kernels<double> twice;
};

extern const KernelTable kernels_baseline;
extern const KernelTable kernels_x86_64_v3;
extern const KernelTable kernels_x86_64_v4;

/// The table of the instruction set in use.
const KernelTable& kernel_table();

template <class T> const Kernels<T>& kernels();

} // namespace spade::linalg
