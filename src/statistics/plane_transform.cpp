// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "plane_transform.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace spade::statistics {
namespace {

/// More than any strip of rows that a kernel reads at once.
constexpr std::int64_t readable = 16;

/// x[p] + x[n - p] and x[p] - x[n - p] for p up to n / 2, where x has `count` columns, `step` apart, and is zero after
/// them.
template <class T>
void mirror(const T* x, std::int64_t step, std::int64_t count, std::int64_t n, std::int64_t height, T* sums,
            T* differences) {
  for (std::int64_t p = 0; p <= n / 2; ++p, sums += height, differences += height) {
    const T* const one = x + p * step;
    const T* const other = x + (n - p) * step;
    if (p >= count) {
      std::fill_n(sums, height, T{0});
      std::fill_n(differences, height, T{0});
    } else if (p == 0 || 2 * p == n || n - p >= count) {
      std::copy_n(one, height, sums);
      std::copy_n(one, height, differences);
    } else {
      for (std::int64_t r = 0; r < height; ++r) {
        sums[r] = one[r] + other[r];
        differences[r] = one[r] - other[r];
      }
    }
  }
}

} // namespace

std::array<double, 2> turn(std::int64_t k, std::int64_t n) {
  const double angle = 2 * std::numbers::pi * static_cast<double>(k % n) / static_cast<double>(n);
  return {std::cos(angle), std::sin(angle)};
}

template <class T>
Coefficients<T>::Coefficients(std::int64_t rows, std::int64_t columns)
    : columns_(columns), stride_(columns + readable),
      values_(static_cast<std::size_t>(rows * stride_ + readable)) {}

template <class T>
void Coefficients<T>::accumulate(const linalg::Kernels<T>& kernel, const T* x, std::int64_t first,
                                 std::int64_t depth, T* z) const {
  kernel.accumulate(depth, columns_, x, values_.data() + first * stride_, stride_, z);
}

template <class T>
PlaneTransform<T>::PlaneTransform(const TransformShape& shape)
    : kernel_(linalg::kernels<T>()), shape_(shape), cosines_{Coefficients<T>(shape.half(0), shape.half(0)),
                                                             Coefficients<T>(shape.half(1), shape.half(1))},
      sines_(cosines_) {
  for (std::size_t d = 0; d < 2; ++d) {
    for (std::int64_t p = 0; p < shape.half(d); ++p) {
      for (std::int64_t k = 0; k < shape.half(d); ++k) {
        const auto [cosine, sine] = turn(k * p, shape.size(d));
        cosines_[d](p, k) = static_cast<T>(cosine);
        // A pixel that is its own mirror image has no difference. Along x, what is asked for is -sine.
        if (p > 0 && 2 * p < shape.size(d)) sines_[d](p, k) = static_cast<T>(d == 0 ? sine : -sine);
      }
    }
  }
}

template <class T> double PlaneTransform<T>::cost(const TransformShape& shape) {
  const std::int64_t along_x = shape.extents[0] * 2 * shape.half(1) * shape.half(1);
  const std::int64_t along_y = shape.half(1) * 4 * shape.half(0) * shape.half(0);
  return static_cast<double>(along_x + along_y);
}

template <class T> std::int64_t PlaneTransform<T>::workspace() const {
  const std::int64_t row = shape_.extents[1] + 2 * shape_.half(1);
  const std::int64_t plane = shape_.extents[0] * 2 * shape_.half(1);
  return kernel_.sliver * (row + plane + 8 * shape_.half(0));
}

template <class T>
void PlaneTransform<T>::operator()(const T* data, const PlaneStrides& strides, std::int64_t channels,
                                   T* first, std::int64_t step, T* workspace) const {
  const std::int64_t height = kernel_.sliver;
  const auto [rows, columns] = shape_.extents;
  const std::int64_t half_x = shape_.half(1);
  const std::int64_t half_y = shape_.half(0);
  const std::int64_t width =
      2 * half_x * height; // of a row: all frequencies' real parts, then the imaginary ones
  T* const plane = workspace;
  T* const row = plane + rows * width;
  T* const sums_x = row + columns * height;
  T* const differences_x = sums_x + half_x * height;
  std::fill_n(plane, rows * width, T{0});
  for (std::int64_t y = 0; y < rows; ++y) {
    kernel_.pack(channels, columns, data + y * strides.y, strides.channel, strides.x, row);
    mirror(row, height, columns, shape_.size(1), height, sums_x, differences_x);
    cosines_[1].accumulate(kernel_, sums_x, 0, half_x, plane + y * width);
    sines_[1].accumulate(kernel_, differences_x, 0, half_x, plane + y * width + half_x * height);
  }
  T* const sums_y = row; // of a column's real parts, then of its imaginary ones
  T* const differences_y = sums_y + 2 * half_y * height;
  T* const turned = differences_y + 2 * half_y * height;
  for (std::int64_t k = 0; k < half_x; ++k) {
    std::fill_n(turned, 4 * half_y * height, T{0});
    for (std::int64_t part = 0; part < 2; ++part) {
      const std::int64_t offset = part * half_y * height;
      mirror(plane + (part * half_x + k) * height, width, rows, shape_.size(0), height, sums_y + offset,
             differences_y + offset);
      cosines_[0].accumulate(kernel_, sums_y + offset, 0, half_y, turned + offset);
      sines_[0].accumulate(kernel_, differences_y + offset, 0, half_y, turned + 2 * half_y * height + offset);
    }
    write_column(k, turned, first + k * shape_.size(0) * step, step);
  }
}

// `turned` has the cosines' sums of the real and of the imaginary parts, then the sines'. The opposite frequency has the
// same cosines and the opposite sines.
template <class T>
void PlaneTransform<T>::write_column(std::int64_t k, const T* turned, T* first, std::int64_t step) const {
  constexpr std::int64_t ahead = 4; // the places of so many frequencies are on their way from memory
  const std::int64_t height = kernel_.sliver;
  const std::int64_t half = shape_.half(0);
  const auto fetch = [&](const T* place) {
    for (std::int64_t r = 0; r < 2 * height; r += 16)
      __builtin_prefetch(place + r, 1);
  };
  const auto write = [&](std::int64_t f, T sign, T* to) {
    const T* cosine = turned + f * height;
    const T* sine = cosine + 2 * half * height;
    for (std::int64_t r = 0; r < height; ++r)
      to[r] = cosine[r] + sign * sine[half * height + r];
    for (std::int64_t r = 0; r < height; ++r)
      to[height + r] = cosine[half * height + r] - sign * sine[r];
  };
  const std::int64_t rows = shape_.rows(k);
  for (std::int64_t f = 0; f < rows; ++f) {
    if (f + ahead < rows) fetch(first + (f + ahead) * step);
    const bool mirrored = f >= half;
    write(mirrored ? shape_.size(0) - f : f, mirrored ? T{-1} : T{1}, first + f * step);
  }
}

template class Coefficients<float>;
template class Coefficients<double>;
template class PlaneTransform<float>;
template class PlaneTransform<double>;

} // namespace spade::statistics
