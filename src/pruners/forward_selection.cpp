// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "pruners/forward_selection.hpp"

#include <algorithm>
#include <limits>

namespace spade::pruners {

template <class T>
ForwardSelection<T>::ForwardSelection(std::int64_t variables, std::int64_t most)
    : kernel_(linalg::kernels<T>()), variables_(variables),
      padded_((variables + kernel_.sliver - 1) / kernel_.sliver * kernel_.sliver), panel_(padded_, most) {}

// Variables that are in, and rows that only fill up the last sliver, have no score: NaN is under nothing.
template <class T> void ForwardSelection<T>::take(std::int64_t variable) {
  panel_.y.data()[variable] = std::numeric_limits<T>::quiet_NaN();
  panel_.d.data()[variable] = T{1};
  panel_.alive.data()[variable] = T{0};
}

template <class T>
const std::vector<std::int32_t>& ForwardSelection<T>::run(const SharedMatrix<T>& matrix, const T* moments,
                                                          std::int64_t count) {
  chosen_.clear();
  std::int64_t best = 0;
  for (std::int64_t i = 0; i < variables_; ++i) {
    panel_.y.data()[i] = moments[i];
    panel_.d.data()[i] = std::max(matrix.data[i * matrix.stride + i], matrix.smallest);
    panel_.alive.data()[i] = T{1};
    if (moments[i] * moments[i] / panel_.d.data()[i] > moments[best] * moments[best] / panel_.d.data()[best])
      best = i;
  }
  for (std::int64_t i = variables_; i < padded_; ++i) {
    take(i);
    panel_.column.data()[i] = T{0};
  }
  while (best >= 0) {
    chosen_.push_back(static_cast<std::int32_t>(best));
    const auto depth = static_cast<std::int64_t>(chosen_.size()) - 1;
    if (depth + 1 == count) break;
    std::copy_n(matrix.data + best * matrix.stride, variables_, panel_.column.data());
    const auto step = panel_.step(kernel_, best, padded_, depth, count, matrix.smallest, T{-1});
    take(best);
    best = kernel_.eliminate_step(step).row;
  }
  return chosen_;
}

template class ForwardSelection<float>;
template class ForwardSelection<double>;

} // namespace spade::pruners
