// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "pruners/sweep.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <spade/core/parallel.hpp>

#include "linalg/packed.hpp"

namespace spade::pruners {

using linalg::SweepPanel;
using linalg::SweepSums;

namespace {

// Columns between two updates of everything that is left, and between two products within those. The time is
// flat within 10 % for panels from 128 to 256 and batches from 16 to 64 (docs/performance.md).
constexpr std::int64_t panel_columns = 128;
constexpr std::int64_t batch_columns = 32;

// Odd in cache lines, so that a column of M's block does not fall into few sets of the cache.
constexpr std::int64_t m_stride = panel_columns + 16;

} // namespace

template <class T>
Sweep<T>::Sweep(const linalg::ConstMatrix<T>& factor, std::int64_t rows)
    : kernel_(linalg::kernels<T>()), factor_(factor), rows_(rows),
      slivers_((rows + kernel_.sliver - 1) / kernel_.sliver), n_(factor.rows),
      weights_(slivers_ * kernel_.sliver * n_), z_(slivers_ * kernel_.sliver * n_),
      d_(slivers_ * kernel_.sliver * std::min(n_, panel_columns)),
      m_(static_cast<std::size_t>(std::min(n_, panel_columns) * m_stride)),
      reciprocals_(static_cast<std::size_t>(panel_columns)) {}

template <class T>
T* Sweep<T>::sliver_of(const linalg::Workspace<T>& columns, std::int64_t width, std::int64_t sliver) const {
  return columns.data() + sliver * width * kernel_.sliver;
}

template <class T> void Sweep<T>::clear_z() {
  std::fill_n(z_.data(), slivers_ * kernel_.sliver * n_, T{0});
}

// Copies the panel's block of M, zero below the diagonal.
template <class T> void Sweep<T>::load(Range panel) {
  panel_ = panel;
  const std::int64_t width = panel.end - panel.begin;
  for (std::int64_t i = 0; i < width; ++i) {
    const T* source = factor_.data + (n_ - 1 - panel.begin - i) * factor_.row_stride + n_ - 1 - panel.begin;
    T* row = m_.data() + i * m_stride;
    for (std::int64_t j = 0; j < width; ++j)
      row[j] = j < i ? T{0} : source[-j];
    reciprocals_[static_cast<std::size_t>(i)] = T{1} / row[i];
  }
}

template <class T> SweepPanel<T> Sweep<T>::part(std::int64_t sliver, T* z) const {
  return {m_.data(),
          m_stride,
          reciprocals_.data(),
          sliver_of(weights_, n_, sliver) + panel_.begin * kernel_.sliver,
          z,
          sliver_of(d_, panel_.end - panel_.begin, sliver)};
}

// Z(:, c) += D M(panel, c) for the columns c beyond the panel. Z has z_columns columns, of which the first is
// z_first.
template <class T> void Sweep<T>::update(T* z, std::int64_t z_columns, std::int64_t z_first, Range columns) {
  const std::int64_t count = columns.end - columns.begin;
  const std::int64_t depth = panel_.end - panel_.begin;
  if (count <= 0) return;
  const linalg::ConstMatrix<T> m{factor_.data + (n_ - 1 - panel_.begin) * factor_.row_stride + n_ - 1 -
                                     columns.begin,
                                 count, depth, -1, -factor_.row_stride};
  const linalg::Workspace<T> packed(linalg::packed_size(kernel_, count, depth));
  linalg::pack_all<T>(kernel_, m, packed.data());
  // A task: some slivers of rows for some columns; the packed part of M stays in the second-level cache.
  const std::int64_t tall = 4 * kernel_.sliver;
  const std::int64_t down = (count + tall - 1) / tall;
  constexpr std::int64_t wide = 4;
  const std::int64_t across = (slivers_ + wide - 1) / wide;
  const double cost = static_cast<double>(count) * static_cast<double>(rows_) * static_cast<double>(depth);
  parallel_for(
      down * across, linalg::grain_for(cost, down * across), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t task = begin; task < end; ++task) {
          const std::int64_t column = task / across * tall;
          const std::int64_t sliver = task % across * wide;
          for (std::int64_t s = sliver; s < std::min(sliver + wide, slivers_); ++s) {
            T* target = z + (s * z_columns + columns.begin - z_first) * kernel_.sliver;
            kernel_.multiply_add(depth, T{1}, packed.data(), column, std::min(column + tall, count),
                                 sliver_of(d_, depth, s), 0, kernel_.sliver, target, kernel_.sliver, false);
          }
        }
      });
}

// Z(:, batch) += D M(the panel before the batch, batch)
template <class T>
void Sweep<T>::accumulate(Range batch, T* z, std::int64_t z_columns, std::int64_t z_first) {
  const std::int64_t depth = batch.begin - panel_.begin;
  if (depth == 0) return;
  for (std::int64_t s = 0; s < slivers_; ++s) {
    kernel_.accumulate(depth, batch.end - batch.begin, sliver_of(d_, panel_.end - panel_.begin, s),
                       m_.data() + depth, m_stride,
                       z + (s * z_columns + batch.begin - z_first) * kernel_.sliver);
  }
}

// Makes the scores -1 for the `removed` smallest in each row, the first of equals first, and 1 for the
// others.
template <class T> void Sweep<T>::choose_in_rows(std::int64_t width, std::int64_t removed) {
  std::vector<std::pair<T, std::int64_t>> costs(static_cast<std::size_t>(width));
  for (std::int64_t r = 0; r < rows_; ++r) {
    T* const scores = scores_.data() + r / kernel_.sliver * width * kernel_.sliver + r % kernel_.sliver;
    for (std::int64_t j = 0; j < width; ++j)
      costs[static_cast<std::size_t>(j)] = {scores[j * kernel_.sliver], j};
    std::sort(costs.begin(), costs.end());
    for (std::int64_t j = 0; j < width; ++j)
      scores[costs[static_cast<std::size_t>(j)].second * kernel_.sliver] = j < removed ? T{-1} : T{1};
  }
}

// The threshold under which a block's weights go. Padding rows never count, and of equal scores those too
// many are raised by one bit.
template <class T> T Sweep<T>::choose(const MaskBlock& block) {
  const std::int64_t width = block.end - block.begin;
  const std::int64_t per_sliver = width * kernel_.sliver;
  const std::int64_t valid = rows_ - (slivers_ - 1) * kernel_.sliver;
  if (block.removed <= 0) return T{-1};
  if (block.rule == MaskBlock::Rule::InEachRow) {
    choose_in_rows(width, block.removed);
    return T{0};
  }
  for (std::int64_t j = 0; j < width; ++j) {
    T* padding = scores_.data() + (slivers_ - 1) * per_sliver + j * kernel_.sliver;
    std::fill(padding + valid, padding + kernel_.sliver, std::numeric_limits<T>::quiet_NaN());
  }
  const std::int64_t count = slivers_ * per_sliver;
  const T threshold = kernel_.threshold(count, scores_.data(), block.removed);
  if (block.rule == MaskBlock::Rule::WithTies) return threshold;
  std::int64_t below = 0;
  std::int64_t equal = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    below += scores_[static_cast<std::size_t>(i)] < threshold ? 1 : 0;
    equal += scores_[static_cast<std::size_t>(i)] == threshold ? 1 : 0;
  }
  if (below + equal <= block.removed) return threshold;
  std::int64_t room = block.removed - below;
  for (std::int64_t j = 0; j < width; ++j) {
    for (std::int64_t r = 0; r < rows_; ++r) {
      const std::int64_t at = r / kernel_.sliver * per_sliver + j * kernel_.sliver + r % kernel_.sliver;
      T& score = scores_[static_cast<std::size_t>(at)];
      if (score == threshold && room-- <= 0)
        score = std::nextafter(score, std::numeric_limits<T>::infinity());
    }
  }
  return threshold;
}

// One panel of whole mask blocks.
template <class T> void Sweep<T>::narrow_blocks(std::span<const MaskBlock> blocks, SweepSums& sums) {
  load({blocks.front().begin, blocks.back().end});
  const auto z_of = [&](std::int64_t s) { return sliver_of(z_, n_, s) + panel_.begin * kernel_.sliver; };
  for (std::size_t first = 0; first < blocks.size();) {
    std::size_t last = first + 1;
    while (last < blocks.size() && blocks[last].end - blocks[first].begin <= batch_columns)
      ++last;
    const Range batch{blocks[first].begin, blocks[last - 1].end};
    accumulate(batch, z_.data(), n_, 0);
    for (; first < last; ++first) {
      const MaskBlock& block = blocks[first];
      const std::int64_t begin = block.begin - panel_.begin;
      const std::int64_t end = block.end - panel_.begin;
      const std::int64_t per_sliver = (end - begin) * kernel_.sliver;
      for (std::int64_t s = 0; s < slivers_; ++s) {
        kernel_.score(part(s, z_of(s)), batch.begin - panel_.begin, begin, end,
                      scores_.data() + s * per_sliver);
      }
      const T threshold = choose(block);
      for (std::int64_t s = 0; s < slivers_; ++s) {
        kernel_.eliminate(part(s, z_of(s)), begin, end, scores_.data() + s * per_sliver, threshold, sums);
      }
    }
  }
  update(z_.data(), n_, 0, {panel_.end, n_});
}

// A mask block of several panels: a first pass finds what its weights would be, a second removes.
template <class T> void Sweep<T>::wide_block(const MaskBlock& block, SweepSums& sums) {
  const std::int64_t width = block.end - block.begin;
  const std::int64_t per_sliver = width * kernel_.sliver;
  // The first pass's Z, each column of which gives way to its scores.
  T* const z = scores_.data();
  for (std::int64_t s = 0; s < slivers_; ++s)
    std::copy_n(sliver_of(z_, n_, s) + block.begin * kernel_.sliver, per_sliver, z + s * per_sliver);
  const auto for_batches = [&](auto&& prepare, auto&& each, auto&& finish) {
    for (std::int64_t p = block.begin; p < block.end; p += panel_columns) {
      load({p, std::min(p + panel_columns, block.end)});
      for (std::int64_t b = panel_.begin; b < panel_.end; b += batch_columns) {
        const Range batch{b, std::min(b + batch_columns, panel_.end)};
        prepare(batch);
        for (std::int64_t s = 0; s < slivers_; ++s) {
          each(s, batch, scores_.data() + s * per_sliver + (b - block.begin) * kernel_.sliver);
        }
      }
      finish();
    }
  };
  for_batches([&](Range batch) { accumulate(batch, z, width, block.begin); },
              [&](std::int64_t s, Range batch, T* scores) {
                T* z_panel = z + s * per_sliver + (panel_.begin - block.begin) * kernel_.sliver;
                const std::int64_t begin = batch.begin - panel_.begin;
                kernel_.score(part(s, z_panel), begin, begin, batch.end - panel_.begin, scores);
              },
              [&] {
                update(z, width, block.begin, {panel_.end, block.end});
              });
  const T threshold = choose(block);
  for_batches([&](Range batch) { accumulate(batch, z_.data(), n_, 0); },
              [&](std::int64_t s, Range batch, T* scores) {
                T* z_panel = sliver_of(z_, n_, s) + panel_.begin * kernel_.sliver;
                kernel_.eliminate(part(s, z_panel), batch.begin - panel_.begin, batch.end - panel_.begin,
                                  scores, threshold, sums);
              },
              [&] {
                update(z_.data(), n_, 0, {panel_.end, n_});
              });
}

template <class T> SweepSums Sweep<T>::run(std::span<const MaskBlock> blocks) {
  clear_z();
  SweepSums sums;
  for (std::size_t first = 0; first < blocks.size();) {
    std::size_t last = first + 1;
    std::int64_t widest = blocks[first].end - blocks[first].begin;
    while (last < blocks.size() && blocks[last].end - blocks[first].begin <= panel_columns) {
      widest = std::max(widest, blocks[last].end - blocks[last].begin);
      ++last;
    }
    scores_.resize(std::max(scores_.size(), static_cast<std::size_t>(slivers_ * kernel_.sliver * widest)));
    if (widest > panel_columns) {
      wide_block(blocks[first], sums);
    } else {
      narrow_blocks(blocks.subspan(first, last - first), sums);
    }
    first = last;
  }
  // The weights alone are still of use.
  z_ = linalg::Workspace<T>(0);
  d_ = linalg::Workspace<T>(0);
  scores_ = {};
  return sums;
}

template <class T> double Sweep<T>::squared_weights() const {
  double sum = 0;
  const std::int64_t count = slivers_ * kernel_.sliver * n_;
  for (std::int64_t i = 0; i < count; ++i)
    sum += static_cast<double>(weights_.data()[i]) * static_cast<double>(weights_.data()[i]);
  return sum;
}

// Z <- W M, by the same panels.
template <class T> double Sweep<T>::squared_output() {
  clear_z();
  for (std::int64_t p = 0; p < n_; p += panel_columns) {
    load({p, std::min(p + panel_columns, n_)});
    const std::int64_t width = panel_.end - panel_.begin;
    for (std::int64_t s = 0; s < slivers_; ++s) {
      T* d = sliver_of(d_, width, s);
      std::copy_n(sliver_of(weights_, n_, s) + p * kernel_.sliver, width * kernel_.sliver, d);
      kernel_.accumulate(width, width, d, m_.data(), m_stride, sliver_of(z_, n_, s) + p * kernel_.sliver);
    }
    update(z_.data(), n_, 0, {panel_.end, n_});
  }
  double sum = 0;
  const std::int64_t count = slivers_ * kernel_.sliver * n_;
  for (std::int64_t i = 0; i < count; ++i)
    sum += static_cast<double>(z_.data()[i]) * static_cast<double>(z_.data()[i]);
  return sum;
}

template class Sweep<float>;
template class Sweep<double>;

} // namespace spade::pruners
