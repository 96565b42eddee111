// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "pruners/block_scores.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace spade::pruners {

template <class T>
BlockScores<T>::BlockScores(std::int64_t most, std::int64_t width)
    : width_(width), most_(most), diagonal_(static_cast<std::size_t>(width * (width + 1) / 2 * most)),
      // As many blocks at once as leave their factors in a cache.
      batch_(std::clamp<std::int64_t>(16384 / (width * (width + 1)), 1, 64)) {
  factor_.resize(static_cast<std::size_t>(width * (width + 1) / 2 * batch_));
  solved_.resize(static_cast<std::size_t>(width * batch_));
}

template <class T> void BlockScores<T>::start(const SharedMatrix<T>& inverse) {
  left_ = inverse.size / width_;
  smallest_ = inverse.smallest;
  blocks_.resize(static_cast<std::size_t>(left_));
  std::iota(blocks_.begin(), blocks_.end(), std::int64_t{0});
  alive_.assign(static_cast<std::size_t>(left_), true);
  for (std::int64_t i = 0; i < width_; ++i) {
    for (std::int64_t j = 0; j <= i; ++j) {
      T* out = diagonal_.data() + pair(i, j) * most_;
      for (std::int64_t q = 0; q < left_; ++q)
        out[q] = inverse.data[(i * left_ + q) * inverse.stride + j * left_ + q];
    }
  }
}

template <class T> typename BlockScores<T>::Choice BlockScores<T>::best(const T* y) {
  Choice choice;
  choice.cost = std::numeric_limits<T>::infinity();
  for (std::int64_t first = 0; first < left_; first += batch_) {
    const std::int64_t count = std::min(batch_, left_ - first);
    T* const cost = solved_.data(); // row 0 is overwritten by the sum in the end
    for (std::int64_t i = 0; i < width_; ++i) {
      T* z = solved_.data() + i * batch_;
      std::copy_n(y + i * left_ + first, count, z);
      for (std::int64_t j = 0; j <= i; ++j) {
        T* entry = factor_.data() + pair(i, j) * batch_;
        std::copy_n(diagonal_.data() + pair(i, j) * most_ + first, count, entry);
        for (std::int64_t k = 0; k < j; ++k) {
          const T* left = factor_.data() + pair(i, k) * batch_;
          const T* right = factor_.data() + pair(j, k) * batch_;
          for (std::int64_t q = 0; q < count; ++q)
            entry[q] -= left[q] * right[q];
        }
        // On the diagonal factor_ holds 1 / L(i, i).
        const T* reciprocal = factor_.data() + pair(j, j) * batch_;
        const T* before = solved_.data() + j * batch_;
        if (i == j) {
          for (std::int64_t q = 0; q < count; ++q)
            entry[q] = T{1} / std::sqrt(std::max(entry[q], smallest_));
          for (std::int64_t q = 0; q < count; ++q)
            z[q] *= entry[q];
        } else {
          for (std::int64_t q = 0; q < count; ++q)
            entry[q] *= reciprocal[q];
          for (std::int64_t q = 0; q < count; ++q)
            z[q] -= entry[q] * before[q];
        }
      }
    }
    for (std::int64_t q = 0; q < count; ++q)
      cost[q] *= cost[q];
    for (std::int64_t i = 1; i < width_; ++i) {
      const T* z = solved_.data() + i * batch_;
      for (std::int64_t q = 0; q < count; ++q)
        cost[q] += z[q] * z[q];
    }
    for (std::int64_t q = 0; q < count; ++q) {
      if (!alive_[static_cast<std::size_t>(first + q)] || !(cost[q] < choice.cost)) continue;
      choice = {first + q, cost[q]};
    }
  }
  return choice;
}

template <class T> void BlockScores<T>::update(const T* v) {
  for (std::int64_t i = 0; i < width_; ++i) {
    for (std::int64_t j = 0; j <= i; ++j) {
      T* out = diagonal_.data() + pair(i, j) * most_;
      const T* a = v + i * left_;
      const T* b = v + j * left_;
      for (std::int64_t q = 0; q < left_; ++q)
        out[q] -= a[q] * b[q];
    }
  }
}

template <class T> void BlockScores<T>::compact() {
  for (std::int64_t p = 0; p < width_ * (width_ + 1) / 2; ++p) {
    T* values = diagonal_.data() + p * most_;
    std::int64_t kept = 0;
    for (std::int64_t q = 0; q < left_; ++q) {
      if (alive_[static_cast<std::size_t>(q)]) values[kept++] = values[q];
    }
  }
  std::int64_t kept = 0;
  for (std::int64_t q = 0; q < left_; ++q) {
    if (alive_[static_cast<std::size_t>(q)])
      blocks_[static_cast<std::size_t>(kept++)] = blocks_[static_cast<std::size_t>(q)];
  }
  left_ = kept;
  alive_.assign(static_cast<std::size_t>(left_), true);
}

template class BlockScores<float>;
template class BlockScores<double>;

} // namespace spade::pruners
