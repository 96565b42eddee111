// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/linalg/slivers.hpp>

#include <algorithm>

#include <spade/core/error.hpp>

#include "linalg/kernels.hpp"
#include "linalg/packed.hpp"
#include "linalg/workspace.hpp"

namespace spade::linalg {

template <class T> struct Slivers<T>::State {
  const Kernels<T>& kernel;
  std::int64_t rows;
  std::int64_t depth;
  Workspace<T> packed;

  [[nodiscard]] T* at(std::int64_t sliver, std::int64_t position) const {
    return packed.data() + (sliver * depth + position) * kernel.sliver;
  }
};

template <class T> Slivers<T>::Slivers(std::int64_t rows, std::int64_t depth) {
  if (rows < 0 || depth < 0)
    throw InvalidArgument(message("Slivers: a matrix of shape [", rows, ", ", depth, "]"));
  const auto& kernel = kernels<T>();
  const std::int64_t size = packed_size(kernel, rows, depth);
  state_.reset(new State{kernel, rows, depth, Workspace<T>(size)});
  std::fill(state_->packed.data(), state_->packed.data() + size, T{0});
}

template <class T> Slivers<T>::Slivers(Slivers&&) noexcept = default;
template <class T> Slivers<T>& Slivers<T>::operator=(Slivers&&) noexcept = default;
template <class T> Slivers<T>::~Slivers() = default;

template <class T> std::int64_t Slivers<T>::current_height() {
  return kernels<T>().sliver;
}
template <class T> std::int64_t Slivers<T>::height() const {
  return state_->kernel.sliver;
}
template <class T> std::int64_t Slivers<T>::count() const {
  return (state_->rows + height() - 1) / height();
}
template <class T> std::int64_t Slivers<T>::rows_of(std::int64_t sliver) const {
  return std::min(height(), state_->rows - sliver * height());
}

template <class T>
void Slivers<T>::pack(std::int64_t sliver, std::int64_t position, const ConstMatrix<T>& part) {
  state_->kernel.pack(part.rows, part.columns, part.data, part.row_stride, part.column_stride,
                      state_->at(sliver, position));
}

template <class T>
void Slivers<T>::multiply_add(std::int64_t i, std::int64_t p, std::int64_t j, std::int64_t q,
                              std::int64_t depth, T* tile) const {
  state_->kernel.multiply_add(depth, T{1}, state_->at(i, p), 0, rows_of(i), state_->at(j, q), 0, height(),
                              tile, height(), false);
}

template <class T>
void Slivers<T>::multiply_add_rows(std::int64_t i, std::int64_t p, std::int64_t q, std::int64_t depth,
                                   T* sums) const {
  state_->kernel.multiply_add_rows(depth, state_->at(i, p), state_->at(i, q), sums);
}

template class Slivers<float>;
template class Slivers<double>;

} // namespace spade::linalg
