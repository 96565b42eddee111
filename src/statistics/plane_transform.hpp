// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// The discrete Fourier transform of real planes, as products with matrices of cosines and sines. Pixels whose cosines
// are the same, and whose sines differ in sign, are added and subtracted first, which halves the products.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "linalg/kernels.hpp"

namespace spade::statistics {

/// The size of a transform of planes that are filled up with zeros so that nothing wraps round: y, x.
struct TransformShape {
  std::array<std::int64_t, 2> extents; ///< of the planes
  std::array<std::int64_t, 2> lags;    ///< distances from -lags to lags are asked for

  [[nodiscard]] std::int64_t size(std::size_t d) const { return extents[d] + lags[d]; } ///< N
  [[nodiscard]] std::int64_t half(std::size_t d) const { return size(d) / 2 + 1; }
  [[nodiscard]] std::int64_t lag_count(std::size_t d) const { return 2 * lags[d] + 1; }

  /// Frequencies (k along x, f along y): k up to half, because X(-f, -k) = conj X(f, k); and f too, where -k is k.
  [[nodiscard]] bool own_mirror(std::int64_t k) const { return k == 0 || 2 * k == size(1); }
  [[nodiscard]] std::int64_t rows(std::int64_t k) const { return own_mirror(k) ? half(0) : size(0); }
};

/// cos and sin of 2 pi k / n.
[[nodiscard]] std::array<double, 2> turn(std::int64_t k, std::int64_t n);

/// A matrix as Kernels::accumulate takes it.
template <class T> class Coefficients {
public:
  Coefficients(std::int64_t rows, std::int64_t columns);
  [[nodiscard]] T& operator()(std::int64_t row, std::int64_t column) {
    return values_[static_cast<std::size_t>(row * stride_ + column)];
  }
  /// z [columns][height] += x [depth][height] times the rows from `first` on.
  void accumulate(const linalg::Kernels<T>& kernel, const T* x, std::int64_t first, std::int64_t depth,
                  T* z) const;

private:
  std::int64_t columns_;
  std::int64_t stride_;
  std::vector<T> values_;
};

/// Strides in elements of planes that lie in a tensor.
struct PlaneStrides {
  std::int64_t channel;
  std::int64_t y;
  std::int64_t x;
};

/// X(f, k) = sum x[y, x] exp(-2 pi i (f y / N_y + k x / N_x)) for the planes of one sliver of channels.
template <class T> class PlaneTransform {
public:
  explicit PlaneTransform(const TransformShape& shape);

  /// Elements that it takes.
  [[nodiscard]] std::int64_t workspace() const;

  /// Multiply-adds for one channel.
  [[nodiscard]] static double cost(const TransformShape& shape);

  /// Writes the frequencies along y of each k to `first + (k N_y + f) step`: real parts of a sliver's channels, then
  /// imaginary ones.
  void operator()(const T* data, const PlaneStrides& strides, std::int64_t channels, T* first,
                  std::int64_t step, T* workspace) const;

private:
  void write_column(std::int64_t k, const T* turned, T* first, std::int64_t step) const;

  const linalg::Kernels<T>& kernel_;
  TransformShape shape_;
  std::array<Coefficients<T>, 2> cosines_; ///< y, x: [pixel up to half][frequency up to half]
  std::array<Coefficients<T>, 2> sines_;
};

extern template class Coefficients<float>;
extern template class Coefficients<double>;
extern template class PlaneTransform<float>;
extern template class PlaneTransform<double>;

} // namespace spade::statistics
