// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// What the columns of a layer's weight see of its input, position by position: a panel of X.
#pragma once

#include <cstdint>
#include <vector>

#include "engine.hpp"
#include "window_positions.hpp"

namespace spade::statistics {

/// Positions per panel: enough that updating the sums costs more than forming the panel, few enough to stay
/// in cache.
constexpr std::int64_t panel_positions = 512;
/// Positions that are summed in the inputs' precision before the sums in double take them.
constexpr std::int64_t flush_positions = 8 * panel_positions;

template <class T> class Im2col {
public:
  Im2col(const Window3& window, PositionSampling sampling) : window_(window), sampling_(sampling) {}

  /// Positions used of each copy.
  [[nodiscard]] std::int64_t per_copy(const LayerInput& input) const {
    return sampling_.used(input.positions());
  }

  /// Writes positions [begin, begin + count) of these copies to `panel`, a row per column of the weight [G
  /// C]: element (i, p) at panel[i * row_stride + p]. Zeros where the kernel stands on padding.
  /// @param first_copy the number of the input's first copy, which a sample of positions depends on
  void write(const LayerInput& input, std::int64_t first_copy, std::int64_t begin, std::int64_t count,
             T* panel, std::int64_t row_stride) const;

private:
  /// Where each kernel element reads each of these positions: offsets from a channel's first element,
  /// [elements, count], or `padding`. The positions are those that were drawn.
  [[nodiscard]] std::vector<std::int64_t> drawn_sources(const LayerInput& input, std::int64_t first_copy,
                                                        std::int64_t begin, std::int64_t count) const;
  T* copy_positions(const LayerInput& input, const T* plane, std::int64_t element, std::int64_t p0,
                    std::int64_t p1, T* row) const;
  T* copy_run(const LayerInput& input, const T* plane, std::int64_t element, std::int64_t position,
              std::int64_t count, T* row) const;

  Window3 window_;
  PositionSampling sampling_;
};

extern template class Im2col<float>;
extern template class Im2col<double>;

} // namespace spade::statistics
