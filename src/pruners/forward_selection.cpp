// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "pruners/forward_selection.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace spade::pruners {

template <class T>
ForwardSelection<T>::ForwardSelection(std::int64_t variables, std::int64_t most)
    : kernel_(linalg::kernels<T>()), variables_(variables),
      padded_((variables + kernel_.sliver - 1) / kernel_.sliver * kernel_.sliver), most_(most),
      v_(padded_ * most), y_(padded_), d_(padded_), alive_(padded_), column_(padded_),
      coefficients_(static_cast<std::size_t>(most)) {}

// Variables that are in, and rows that only fill up the last sliver, have no score: NaN is under nothing.
template <class T> void ForwardSelection<T>::take(std::int64_t variable) {
  y_.data()[variable] = std::numeric_limits<T>::quiet_NaN();
  d_.data()[variable] = T{1};
  alive_.data()[variable] = T{0};
}

template <class T>
const std::vector<std::int32_t>& ForwardSelection<T>::run(const SharedMatrix<T>& matrix, const T* moments) {
  const std::int64_t sliver = kernel_.sliver;
  chosen_.clear();
  std::int64_t best = 0;
  for (std::int64_t i = 0; i < variables_; ++i) {
    y_.data()[i] = moments[i];
    d_.data()[i] = std::max(matrix.data[i * matrix.stride + i], matrix.smallest);
    alive_.data()[i] = T{1};
    if (moments[i] * moments[i] / d_.data()[i] > moments[best] * moments[best] / d_.data()[best]) best = i;
  }
  for (std::int64_t i = variables_; i < padded_; ++i) {
    take(i);
    column_.data()[i] = T{0};
  }
  while (best >= 0) {
    chosen_.push_back(static_cast<std::int32_t>(best));
    const auto depth = static_cast<std::int64_t>(chosen_.size()) - 1;
    if (depth + 1 == most_) break;
    const T* row = v_.data() + best / sliver * sliver * most_ + best % sliver;
    for (std::int64_t p = 0; p < depth; ++p)
      coefficients_[static_cast<std::size_t>(p)] = row[p * sliver];
    std::copy_n(matrix.data + best * matrix.stride, variables_, column_.data());
    const T root = static_cast<T>(std::sqrt(static_cast<double>(d_.data()[best])));
    linalg::EliminationStep<T> step{};
    step.slivers = padded_ / sliver;
    step.depth = depth;
    step.capacity = most_;
    step.panel = v_.data();
    step.coefficients = coefficients_.data();
    step.column = column_.data();
    step.alive = alive_.data();
    step.y = y_.data();
    step.d = d_.data();
    step.reciprocal = T{1} / root;
    step.change = y_.data()[best] / root;
    step.smallest = matrix.smallest;
    step.sign = T{-1};
    take(best);
    best = kernel_.eliminate_step(step).row;
  }
  return chosen_;
}

template class ForwardSelection<float>;
template class ForwardSelection<double>;

} // namespace spade::pruners
