// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace spade::linalg {

/// A matrix to read: element (i, j) lies at data[i * row_stride + j * column_stride]. Borrows its memory.
template <class T> struct ConstMatrix {
  const T* data = nullptr;
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::int64_t row_stride = 0;
  std::int64_t column_stride = 1;

  /// The transposed matrix, over the same memory.
  [[nodiscard]] ConstMatrix transposed() const { return {data, columns, rows, column_stride, row_stride}; }
};

/// A row-major matrix to write: element (i, j) lies at data[i * row_stride + j]. Borrows its memory.
template <class T> struct Matrix {
  T* data = nullptr;
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::int64_t row_stride = 0;

  operator ConstMatrix<T>() const { // NOLINT(google-explicit-constructor): what can be written can be read
    return {data, rows, columns, row_stride, 1};
  }
  /// The part of `height` rows and `width` columns whose first element is (row, column).
  [[nodiscard]] Matrix block(std::int64_t row, std::int64_t column, std::int64_t height,
                             std::int64_t width) const {
    return {data + row * row_stride + column, height, width, row_stride};
  }
};

} // namespace spade::linalg
