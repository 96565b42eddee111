// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Correlations of channels by discrete Fourier transforms. With X_c(f) the transform of channel c's plane, filled up
// with zeros to N pixels so that nothing wraps round,
//   sum_b x_c[b] x_c'[b + d] = 1 / N sum_f conj(X_c(f)) X_c'(f) exp(2 pi i f d / N),
// one product per frequency, however many distances d are asked for. Half of the frequencies are enough: the planes
// are real.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "linalg/kernels.hpp"
#include "linalg/workspace.hpp"
#include "plane_transform.hpp"
#include "window_positions.hpp"

namespace spade::statistics {

/// The transforms of so many copies' planes, and their products.
template <class T> class Spectra {
public:
  Spectra(const TransformShape& shape, std::int64_t channels, std::int64_t copies);

  /// Elements for one channel of one copy.
  [[nodiscard]] static std::int64_t elements(const TransformShape& shape);
  /// Multiply-adds of products for one pair of channels and so many copies.
  [[nodiscard]] static double product_cost(const TransformShape& shape, std::int64_t copies);

  /// Transforms `count` copies of the input from its `first` on, and keeps them as numbers `slot`, `slot + 1`, ...
  void transform(const LayerInput& input, std::int64_t first, std::int64_t count, std::int64_t slot);
  /// Makes all copies from this one on zero.
  void clear_from(std::int64_t slot);

  /// Slivers i and j of the channels.
  using Pair = std::array<std::int64_t, 2>;

  /// Elements of one pair's correlations: [sliver i][distances, y before x][sliver j].
  [[nodiscard]] std::int64_t correlation_size() const;
  /// Elements of workspace that `correlate` takes for so many pairs.
  [[nodiscard]] std::int64_t workspace(std::size_t pairs) const;
  /// The correlations of each pair's channels, summed over the copies, for all distances. Pairs that have slivers in
  /// common read them from the cache.
  void correlate(std::span<const Pair> pairs, T* correlations, T* workspace) const;

private:
  [[nodiscard]] T* at(std::int64_t sliver, std::int64_t frequency, std::int64_t slot) const;
  [[nodiscard]] std::int64_t rows_of(std::int64_t sliver) const;
  /// Elements of one pair's products, folded along y: [sliver i][distance along y, re and im][sliver j].
  [[nodiscard]] std::int64_t folded_size() const;
  void multiply(const Pair& pair, std::int64_t frequency, std::int64_t count, T* products) const;

  const linalg::Kernels<T>& kernel_;
  TransformShape shape_;
  std::int64_t channels_;
  std::int64_t copies_;
  std::int64_t slivers_;
  PlaneTransform<T> plane_transform_;
  std::array<Coefficients<T>, 2> back_y_; ///< [frequency, re and im][distance, re and im]; second: own_mirror
  Coefficients<T> back_x_;                ///< [frequency, re and im][distance]
  linalg::Workspace<T> spectra_;          ///< [sliver][frequency, x before y][copy][re, im][row]
};

extern template class Spectra<float>;
extern template class Spectra<double>;

} // namespace spade::statistics
