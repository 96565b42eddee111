// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "pruners/row_elimination.hpp"

#include <algorithm>
#include <limits>

namespace spade::pruners {
namespace {

constexpr std::int64_t largest_panel = 128;
constexpr std::int64_t smallest_panel = 32;

// A multiple of every sliver: 6 to 48 elements.
constexpr std::int64_t any_sliver = 48;

constexpr std::int64_t round_up(std::int64_t count, std::int64_t step) {
  return (count + step - 1) / step * step;
}

} // namespace

std::int64_t row_elimination_stride(std::int64_t size) {
  // 48 floats are three cache lines, 48 doubles six; an odd number of steps avoids that columns fall into few
  // sets of a cache.
  const std::int64_t stride = round_up(size, any_sliver);
  return stride / any_sliver % 2 == 0 ? stride + any_sliver : stride;
}

template <class T>
linalg::Workspace<T> strided_copy(const linalg::Workspace<double>& square, std::int64_t n) {
  const std::int64_t stride = row_elimination_stride(n);
  linalg::Workspace<T> copy(n * stride);
  for (std::int64_t i = 0; i < n; ++i) {
    std::transform(square.data() + i * n, square.data() + (i + 1) * n, copy.data() + i * stride,
                   [](double element) { return static_cast<T>(element); });
    std::fill(copy.data() + i * stride + n, copy.data() + (i + 1) * stride, T{0});
  }
  return copy;
}

template <class T>
RowElimination<T>::RowElimination(std::int64_t most, std::int64_t panel)
    : kernel_(linalg::kernels<T>()), least_panel_(std::max(panel, smallest_panel)),
      stride_(row_elimination_stride(most)), a_(most * stride_), panel_(stride_, panel_for(most)) {}

template <class T> std::int64_t RowElimination<T>::padded(std::int64_t count) const {
  return round_up(count, kernel_.sliver);
}

// Fewer rows are flushed more often: the panel's own work grows with its width, that of a flush does not.
template <class T> std::int64_t RowElimination<T>::panel_for(std::int64_t slots) const {
  return std::max(least_panel_, std::min(round_up(slots / 12, 16), largest_panel));
}

template <class T> void RowElimination<T>::begin_panel() {
  depth_ = 0;
  capacity_ = panel_for(slots_);
  // Rows that only fill up the last sliver are out.
  for (std::int64_t i = slots_; i < padded(slots_); ++i) {
    panel_.y.data()[i] = std::numeric_limits<T>::infinity();
    panel_.d.data()[i] = T{1};
    panel_.alive.data()[i] = T{0};
    panel_.column.data()[i] = T{0};
  }
}

template <class T> void RowElimination<T>::start(const SharedMatrix<T>& inverse, const T* weights) {
  inverse_ = inverse;
  shared_ = true;
  slots_ = inverse.size;
  variables_.resize(static_cast<std::size_t>(slots_));
  slot_of_.resize(static_cast<std::size_t>(slots_));
  best_ = -1;
  T lowest = std::numeric_limits<T>::infinity();
  for (std::int64_t i = 0; i < slots_; ++i) {
    variables_[static_cast<std::size_t>(i)] = static_cast<std::int32_t>(i);
    slot_of_[static_cast<std::size_t>(i)] = static_cast<std::int32_t>(i);
    panel_.y.data()[i] = weights[i];
    panel_.d.data()[i] = std::max(inverse.data[i * inverse.stride + i], inverse.smallest);
    panel_.alive.data()[i] = T{1};
    if (cost(i) < lowest) {
      lowest = cost(i);
      best_ = i;
    }
  }
  begin_panel();
}

template <class T> T RowElimination<T>::cost(std::int64_t slot) const {
  return panel_.y.data()[slot] * panel_.y.data()[slot] / panel_.d.data()[slot];
}

template <class T> void RowElimination<T>::retire(std::int64_t slot) {
  panel_.y.data()[slot] = std::numeric_limits<T>::infinity();
  panel_.d.data()[slot] = T{1};
  panel_.alive.data()[slot] = T{0};
}

template <class T> void RowElimination<T>::load_column(std::int64_t slot) {
  T* const column = panel_.column.data();
  if (shared_) {
    std::copy_n(inverse_.data + slot * inverse_.stride, slots_, column);
    return;
  }
  const T* source = a_.data() + slot * stride_;
  std::copy_n(source, slot + 1, column);
  source += slot;
  for (std::int64_t i = slot + 1; i < slots_; ++i) {
    source += stride_;
    column[i] = *source;
  }
}

template <class T> void RowElimination<T>::remove(std::int64_t slot) {
  load_column(slot);
  const auto step = panel_.step(kernel_, slot, padded(slots_), depth_, capacity_, inverse_.smallest, T{1});
  retire(slot);
  best_ = kernel_.eliminate_step(step).row;
  ++depth_;
}

template <class T> bool RowElimination<T>::make_room(std::int64_t count) {
  if (depth_ + count <= capacity_) return false;
  flush();
  return true;
}

template <class T> void RowElimination<T>::compress(T* values) {
  kernel_.compress(slots_, values, panel_.alive.data(), values);
}

// V's rows that are left, as slivers of `depth_` vectors: what a rank update wants.
template <class T> void RowElimination<T>::compress_panel(std::int64_t left) {
  const std::int64_t sliver = kernel_.sliver;
  T* const row = panel_.column.data();
  for (std::int64_t p = 0; p < depth_; ++p) {
    for (std::int64_t i = 0; i < slots_; i += sliver)
      std::copy_n(panel_.v.data() + i * capacity_ + p * sliver, sliver, row + i);
    compress(row);
    std::fill(row + left, row + padded(left), T{0});
    for (std::int64_t i = 0; i < left; i += sliver)
      std::copy_n(row + i, sliver, panel_.v.data() + i * capacity_ + p * sliver);
  }
  if (depth_ == capacity_) return;
  for (std::int64_t i = sliver; i < left; i += sliver)
    std::copy_n(panel_.v.data() + i * capacity_, depth_ * sliver, panel_.v.data() + i * depth_);
}

// A's rows that are left move together, and lose V V^T while they are in the nearest cache.
template <class T> void RowElimination<T>::update(std::int64_t left) {
  const T* const from = shared_ ? inverse_.data : a_.data();
  const std::int64_t from_stride = shared_ ? inverse_.stride : stride_;
  std::int64_t done = 0;
  std::int64_t next = 0;
  for (std::int64_t i = 0; i < slots_; ++i) {
    if (!alive(i)) continue;
    kernel_.compress(i + 1, from + i * from_stride, panel_.alive.data(), a_.data() + next * stride_);
    if (++next - done < any_sliver && next < left) continue;
    kernel_.multiply_add(depth_, T{-1}, panel_.v.data(), done, next, panel_.v.data(), 0, next, a_.data(),
                         stride_, true);
    done = next;
  }
}

template <class T> void RowElimination<T>::flush() {
  std::int64_t left = 0;
  std::int64_t best = -1;
  for (std::int64_t i = 0; i < slots_; ++i) {
    const std::int32_t variable = variables_[static_cast<std::size_t>(i)];
    slot_of_[static_cast<std::size_t>(variable)] = alive(i) ? static_cast<std::int32_t>(left) : -1;
    if (!alive(i)) continue;
    if (i == best_) best = left;
    variables_[static_cast<std::size_t>(left++)] = variable;
  }
  compress_panel(left);
  update(left);
  compress(panel_.y.data());
  compress(panel_.d.data());
  std::fill_n(panel_.alive.data(), left, T{1});
  best_ = best;
  slots_ = left;
  shared_ = false;
  begin_panel();
}

template linalg::Workspace<float> strided_copy<float>(const linalg::Workspace<double>&, std::int64_t);
template linalg::Workspace<double> strided_copy<double>(const linalg::Workspace<double>&, std::int64_t);
template class RowElimination<float>;
template class RowElimination<double>;

} // namespace spade::pruners
