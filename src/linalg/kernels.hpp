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

  /// C(i, j) += alpha sum_p A(i, p) B(j, p) for row_begin <= i < row_end and column_begin <= j < column_end,
  /// where A and B are packed with the same depth. C is row-major and addressed from its element (0, 0).
  /// row_begin must be a multiple of `strip`, column_begin of `sliver`. With `lower`, only elements with j <=
  /// i are touched.
  void (*multiply_add)(int64_t depth, T alpha, const T* a, int64_t row_begin, int64_t row_end, const T* b,
                       int64_t column_begin, int64_t column_end, T* c, int64_t c_stride, bool lower);

  /// X <- X L^-T for one sliver X [sliver, depth], where L [depth, depth] is packed and lower triangular, and
  /// reciprocals[p] = 1 / L(p, p).
  void (*solve)(int64_t depth, const T* packed_l, const T* reciprocals, T* x);

  /// Factors a symmetric matrix whose lower triangle is given, A = L L^T, in place, for n <= sliver; also
  /// writes 1 / L(p, p). Returns n, or the first p whose pivot is not over `smallest_pivot` (A is then partly
  /// overwritten).
  int64_t (*factor)(int64_t n, T smallest_pivot, T* a, int64_t row_stride, T* reciprocals);
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
