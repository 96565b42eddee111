// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include <spade/core/parallel.hpp>
#include <spade/linalg/rank_update.hpp>

#include "engine.hpp"

namespace spade::statistics {
namespace {

/// Positions per panel: enough that updating the sums costs more than forming the panel, few enough to stay
/// in cache.
constexpr std::int64_t panel_positions = 512;
/// Positions that are summed in the inputs' precision before the sums in double take them.
constexpr std::int64_t flush_positions = 8 * panel_positions;

template <class T> class PanelEngine final : public Engine {
public:
  PanelEngine(const Layer& layer, const Window3& window, PositionSampling sampling)
      : window_(window), sampling_(sampling), groups_(layer.groups()), columns_(layer.columns()),
        panel_(static_cast<std::size_t>(groups_ * columns_ * panel_positions)),
        recent_(static_cast<std::size_t>(groups_ * columns_ * columns_)),
        sums_(static_cast<std::size_t>(groups_ * packed_size())) {}

  void add(const LayerInput& input, std::int64_t first_copy) override {
    const std::int64_t per_copy = sampling_.per_copy > 0 ? sampling_.per_copy : input.positions();
    const std::int64_t total = per_copy * input.copies;
    for (std::int64_t done = 0; done < total;) {
      const std::int64_t take = std::min(total - done, panel_positions - filled_);
      fill(input, first_copy, per_copy, done, take);
      done += take;
      filled_ += take;
      // Panels end at fixed position numbers, whatever the chunks: that is what makes the bits independent of
      // them.
      if (filled_ == panel_positions) update();
    }
  }

  void finish(std::span<double> sums) override {
    if (filled_ > 0) update();
    flush();
    for (std::int64_t g = 0; g < groups_; ++g) {
      const double* packed = sums_.data() + g * packed_size();
      double* full = sums.data() + g * columns_ * columns_;
      for (std::int64_t i = 0; i < columns_; ++i) {
        for (std::int64_t j = 0; j <= i; ++j)
          full[i * columns_ + j] += *packed++;
      }
    }
  }

private:
  [[nodiscard]] std::int64_t packed_size() const { return columns_ * (columns_ + 1) / 2; }

  /// Writes positions [begin, begin + count) of this input behind those already in the panel: a row per
  /// column of W.
  void fill(const LayerInput& input, std::int64_t first_copy, std::int64_t per_copy, std::int64_t begin,
            std::int64_t count) {
    const std::int64_t first = begin / per_copy;
    const std::int64_t last = (begin + count - 1) / per_copy;
    std::vector<std::vector<std::int64_t>> drawn;
    if (sampling_.per_copy > 0) {
      drawn.resize(static_cast<std::size_t>(last - first + 1));
      for (std::int64_t copy = first; copy <= last; ++copy) {
        sampling_.draw(first_copy + copy, input.positions(), drawn[static_cast<std::size_t>(copy - first)]);
      }
    }
    const std::int64_t elements = window_.elements();
    parallel_for(input.channels, std::max<std::int64_t>(1, 16384 / (count * elements)),
                 [&](std::int64_t from, std::int64_t to) {
                   for (std::int64_t channel = from; channel < to; ++channel) {
                     for (std::int64_t element = 0; element < elements; ++element) {
                       T* row = panel_.data() + (channel * elements + element) * panel_positions + filled_;
                       for (std::int64_t copy = first; copy <= last; ++copy) {
                         const T* plane =
                             input.view.data<T>() + copy * input.copy_stride + channel * input.channel_stride;
                         const std::int64_t p0 = std::max(begin - copy * per_copy, std::int64_t{0});
                         const std::int64_t p1 = std::min(begin + count - copy * per_copy, per_copy);
                         if (sampling_.per_copy > 0) {
                           const auto& positions = drawn[static_cast<std::size_t>(copy - first)];
                           for (std::int64_t p = p0; p < p1; ++p)
                             row = copy_run(input, plane, element, positions[static_cast<std::size_t>(p)], 1,
                                            row);
                         } else {
                           row = copy_positions(input, plane, element, p0, p1, row);
                         }
                       }
                     }
                   }
                 });
  }

  T* copy_positions(const LayerInput& input, const T* plane, std::int64_t element, std::int64_t p0,
                    std::int64_t p1, T* row) const {
    while (p0 < p1) {
      const std::int64_t run = std::min(p1 - p0, input.outputs[2] - p0 % input.outputs[2]);
      row = copy_run(input, plane, element, p0, run, row);
      p0 += run;
    }
    return row;
  }

  /// What one element of the kernel sees at `count` positions of one row of outputs.
  T* copy_run(const LayerInput& input, const T* plane, std::int64_t element, std::int64_t position,
              std::int64_t count, T* row) const {
    const std::int64_t x = position % input.outputs[2];
    const std::int64_t y = position / input.outputs[2] % input.outputs[1];
    const std::int64_t z = position / input.outputs[2] / input.outputs[1];
    const std::int64_t in_z = window_.source(0, z, element);
    const std::int64_t in_y = window_.source(1, y, element);
    const std::int64_t in_x = window_.source(2, x, element);
    T* const end = row + count;
    if (in_z < 0 || in_z >= input.extents[0] || in_y < 0 || in_y >= input.extents[1]) {
      std::fill(row, end, T{0});
      return end;
    }
    const std::int64_t step = window_.stride[2];
    // The positions at which the element stands on the input: 0 <= in_x + i step < extent.
    const std::int64_t begin = std::clamp<std::int64_t>((step - 1 - in_x) / step, 0, count);
    const std::int64_t stop =
        std::clamp<std::int64_t>((input.extents[2] - in_x + step - 1) / step, begin, count);
    const std::int64_t stride = step * input.strides[2];
    const T* from = plane + in_z * input.strides[0] + in_y * input.strides[1] + in_x * input.strides[2];
    std::fill(row, row + begin, T{0});
    if (stride == 1) {
      std::copy(from + begin, from + stop, row + begin);
    } else {
      for (std::int64_t i = begin; i < stop; ++i)
        row[i] = from[i * stride];
    }
    std::fill(row + stop, end, T{0});
    return end;
  }

  void update() {
    const auto one_group = [&](std::int64_t g) {
      const linalg::ConstMatrix<T> panel{panel_.data() + g * columns_ * panel_positions, columns_, filled_,
                                         panel_positions, 1};
      linalg::rank_update(T{1}, panel,
                          {recent_.data() + g * columns_ * columns_, columns_, columns_, columns_});
    };
    if (groups_ == 1) {
      one_group(0);
    } else {
      parallel_for(groups_, 1, [&](std::int64_t from, std::int64_t to) {
        for (std::int64_t g = from; g < to; ++g)
          one_group(g);
      });
    }
    since_flush_ += filled_;
    filled_ = 0;
    if (since_flush_ == flush_positions) flush();
  }

  /// Moves the recent sums to those in double.
  void flush() {
    const std::int64_t rows = groups_ * columns_;
    parallel_for(rows, std::max<std::int64_t>(1, 65536 / columns_), [&](std::int64_t from, std::int64_t to) {
      for (std::int64_t row = from; row < to; ++row) {
        const std::int64_t i = row % columns_;
        double* sum = sums_.data() + row / columns_ * packed_size() + i * (i + 1) / 2;
        T* recent = recent_.data() + row * columns_;
        for (std::int64_t j = 0; j <= i; ++j)
          sum[j] += static_cast<double>(recent[j]);
        std::fill(recent, recent + i + 1, T{0});
      }
    });
    since_flush_ = 0;
  }

  Window3 window_;
  PositionSampling sampling_;
  std::int64_t groups_;
  std::int64_t columns_;
  std::int64_t filled_ = 0;      ///< positions in the panel
  std::int64_t since_flush_ = 0; ///< positions in the recent sums
  std::vector<T> panel_;         ///< [G C, panel_positions]
  std::vector<T> recent_;        ///< [G, C, C], lower triangles
  std::vector<double> sums_;     ///< [G], lower triangles row by row
};

} // namespace

std::unique_ptr<Engine> panel_engine(const Layer& layer, const Window3& window, ScalarType type,
                                     PositionSampling sampling) {
  if (type == ScalarType::Float32) return std::make_unique<PanelEngine<float>>(layer, window, sampling);
  return std::make_unique<PanelEngine<double>>(layer, window, sampling);
}

std::int64_t panel_engine_bytes(const Layer& layer) {
  const std::int64_t element = layer.weight.scalar_type() == ScalarType::Float32 ? 4 : 8;
  const std::int64_t columns = layer.columns();
  return layer.groups() *
         (element * columns * panel_positions + element * columns * columns + 4 * columns * (columns + 1));
}

} // namespace spade::statistics
