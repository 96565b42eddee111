// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "spectra.hpp"

#include <algorithm>

#include <spade/core/parallel.hpp>

namespace spade::statistics {
namespace {

/// Frequencies of one pair of slivers after another: what several pairs read of them stays in the cache.
constexpr std::int64_t together = 8;

} // namespace

template <class T> std::int64_t Spectra<T>::elements(const TransformShape& shape) {
  return 2 * shape.half(1) * shape.size(0);
}

template <class T> double Spectra<T>::product_cost(const TransformShape& shape, std::int64_t copies) {
  double frequencies = 0;
  for (std::int64_t k = 0; k < shape.half(1); ++k)
    frequencies += static_cast<double>(shape.rows(k));
  return frequencies * static_cast<double>(4 * copies + 4 * shape.lag_count(0));
}

template <class T>
Spectra<T>::Spectra(const TransformShape& shape, std::int64_t channels, std::int64_t copies)
    : kernel_(linalg::kernels<T>()), shape_(shape), channels_(channels), copies_(copies),
      slivers_((channels + kernel_.sliver - 1) / kernel_.sliver),
      plane_transform_(shape), back_y_{Coefficients<T>(2 * shape.size(0), 2 * shape.lag_count(0)),
                                       Coefficients<T>(2 * shape.half(0), 2 * shape.lag_count(0))},
      back_x_(2 * shape.half(1), shape.lag_count(1)),
      spectra_(slivers_ * kernel_.sliver * copies * elements(shape)) {
  clear_from(0);
  for (std::size_t own_mirror = 0; own_mirror < 2; ++own_mirror) {
    for (std::int64_t f = 0; f < (own_mirror == 1 ? shape.half(0) : shape.size(0)); ++f) {
      // What is left out has the same real part.
      const double times = own_mirror == 1 && f > 0 && 2 * f != shape.size(0) ? 2 : 1;
      for (std::int64_t d = -shape.lags[0]; d <= shape.lags[0]; ++d) {
        const auto [cosine, sine] = turn(f * (d + shape.size(0)), shape.size(0));
        const std::int64_t column = 2 * (d + shape.lags[0]);
        auto& back = back_y_[own_mirror];
        back(2 * f, column) = static_cast<T>(times * cosine);
        back(2 * f, column + 1) = static_cast<T>(times * sine);
        back(2 * f + 1, column) = static_cast<T>(-times * sine);
        back(2 * f + 1, column + 1) = static_cast<T>(times * cosine);
      }
    }
  }
  for (std::int64_t k = 0; k < shape.half(1); ++k) {
    const double weight = (shape.own_mirror(k) ? 1 : 2) / static_cast<double>(shape.size(0) * shape.size(1));
    for (std::int64_t d = -shape.lags[1]; d <= shape.lags[1]; ++d) {
      const auto [cosine, sine] = turn(k * (d + shape.size(1)), shape.size(1));
      back_x_(2 * k, d + shape.lags[1]) = static_cast<T>(weight * cosine);
      back_x_(2 * k + 1, d + shape.lags[1]) = static_cast<T>(-weight * sine);
    }
  }
}

template <class T> T* Spectra<T>::at(std::int64_t sliver, std::int64_t frequency, std::int64_t slot) const {
  const std::int64_t sliver_size = copies_ * elements(shape_);
  return spectra_.data() + (sliver * sliver_size + (frequency * copies_ + slot) * 2) * kernel_.sliver;
}

template <class T> std::int64_t Spectra<T>::rows_of(std::int64_t sliver) const {
  return std::min(kernel_.sliver, channels_ - sliver * kernel_.sliver);
}

template <class T> void Spectra<T>::clear_from(std::int64_t slot) {
  for (std::int64_t sliver = 0; sliver < slivers_; ++sliver) {
    for (std::int64_t f = 0; f < shape_.half(1) * shape_.size(0); ++f)
      std::fill_n(at(sliver, f, slot), (copies_ - slot) * 2 * kernel_.sliver, T{0});
  }
}

template <class T>
void Spectra<T>::transform(const LayerInput& input, std::int64_t first, std::int64_t count,
                           std::int64_t slot) {
  const std::int64_t height = kernel_.sliver;
  const double cost = PlaneTransform<T>::cost(shape_) * static_cast<double>(height);
  const auto grain = std::max<std::int64_t>(1, static_cast<std::int64_t>(4e6 / cost));
  const PlaneStrides strides{input.channel_stride, input.strides[1], input.strides[2]};
  const T* data = input.view.template data<T>() + first * input.copy_stride;
  parallel_for(slivers_ * count, grain, [&](std::int64_t from, std::int64_t to) {
    const linalg::Workspace<T> memory(plane_transform_.workspace());
    for (std::int64_t task = from; task < to; ++task) {
      const std::int64_t copy = task / slivers_;
      const std::int64_t sliver = task % slivers_;
      plane_transform_(data + copy * input.copy_stride + sliver * height * input.channel_stride, strides,
                       rows_of(sliver), at(sliver, 0, slot + copy), 2 * copies_ * height, memory.data());
    }
  });
}

template <class T> std::int64_t Spectra<T>::correlation_size() const {
  return kernel_.sliver * shape_.lag_count(0) * shape_.lag_count(1) * kernel_.sliver;
}

template <class T> std::int64_t Spectra<T>::folded_size() const {
  return kernel_.sliver * 2 * shape_.lag_count(0) * kernel_.sliver;
}

template <class T> std::int64_t Spectra<T>::workspace(std::size_t pairs) const {
  return static_cast<std::int64_t>(pairs) * folded_size() +
         2 * kernel_.sliver * (together * kernel_.sliver + copies_);
}

// conj(X_i) X_j for `count` frequencies: `products` is [row][frequency, re and im][column], and behind it there is room
// for the second factor of the imaginary parts.
template <class T>
void Spectra<T>::multiply(const Pair& pair, std::int64_t frequency, std::int64_t count, T* products) const {
  const auto [i, j] = pair;
  const std::int64_t height = kernel_.sliver;
  const std::int64_t stride = 2 * count * height;
  T* const turned = products + 2 * together * height * height; // [copy][im, -re][column]
  std::fill_n(products, rows_of(i) * stride, T{0});
  for (std::int64_t f = 0; f < count; ++f) {
    const T* left = at(i, frequency + f, 0);
    const T* right = at(j, frequency + f, 0);
    kernel_.multiply_add(2 * copies_, T{1}, left, 0, rows_of(i), right, 0, height, products + 2 * f * height,
                         stride, false);
    for (std::int64_t copy = 0; copy < copies_; ++copy) {
      const T* re = right + copy * 2 * height;
      T* to = turned + copy * 2 * height;
      for (std::int64_t s = 0; s < height; ++s) {
        to[s] = re[height + s];
        to[height + s] = -re[s];
      }
    }
    kernel_.multiply_add(2 * copies_, T{1}, left, 0, rows_of(i), turned, 0, height,
                         products + (2 * f + 1) * height, stride, false);
  }
}

template <class T>
void Spectra<T>::correlate(std::span<const Pair> pairs, T* correlations, T* workspace) const {
  const std::int64_t height = kernel_.sliver;
  const std::int64_t lag_rows = shape_.lag_count(0);
  const auto count = static_cast<std::int64_t>(pairs.size());
  T* const folded = workspace;
  T* const products = folded + count * folded_size();
  std::fill_n(correlations, count * correlation_size(), T{0});
  for (std::int64_t k = 0; k < shape_.half(1); ++k) {
    const auto& back_y = back_y_[shape_.own_mirror(k) ? 1 : 0];
    std::fill_n(folded, count * folded_size(), T{0});
    for (std::int64_t f = 0; f < shape_.rows(k); f += together) {
      const std::int64_t take = std::min(together, shape_.rows(k) - f);
      for (std::int64_t p = 0; p < count; ++p) {
        const auto& pair = pairs[static_cast<std::size_t>(p)];
        multiply(pair, k * shape_.size(0) + f, take, products);
        for (std::int64_t r = 0; r < rows_of(pair[0]); ++r) {
          back_y.accumulate(kernel_, products + r * 2 * take * height, 2 * f, 2 * take,
                            folded + p * folded_size() + r * 2 * lag_rows * height);
        }
      }
    }
    for (std::int64_t p = 0; p < count; ++p) {
      for (std::int64_t line = 0; line < rows_of(pairs[static_cast<std::size_t>(p)][0]) * lag_rows; ++line) {
        back_x_.accumulate(kernel_, folded + p * folded_size() + 2 * line * height, 2 * k, 2,
                           correlations + p * correlation_size() + line * shape_.lag_count(1) * height);
      }
    }
  }
}

template class Spectra<float>;
template class Spectra<double>;

} // namespace spade::statistics
