// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include <spade/core/parallel.hpp>
#include <spade/linalg/rank_update.hpp>

#include "engine.hpp"
#include "im2col.hpp"

namespace spade::statistics {
namespace {

/// Multiply-adds that take as long as bringing one element into a panel: from a run of positions, and from a drawn
/// one, which has to be looked up. Measured (docs/performance.md).
constexpr double moved_element = 200;
constexpr double drawn_element = 300;

template <class T> class PanelEngine final : public Engine {
public:
  PanelEngine(const Layer& layer, const Window3& window, PositionSampling sampling)
      : im2col_(window, sampling), groups_(layer.groups()), columns_(layer.columns()),
        panel_(static_cast<std::size_t>(groups_ * columns_ * panel_positions)),
        recent_(static_cast<std::size_t>(groups_ * columns_ * columns_)),
        sums_(static_cast<std::size_t>(groups_ * packed_size())) {}

  void add(const LayerInput& input, std::int64_t first_copy) override {
    const std::int64_t total = im2col_.per_copy(input) * input.copies;
    for (std::int64_t done = 0; done < total;) {
      const std::int64_t take = std::min(total - done, panel_positions - filled_);
      im2col_.write(input, first_copy, done, take, panel_.data() + filled_, panel_positions);
      done += take;
      filled_ += take;
      // Panels end at fixed position numbers, whatever the chunks: that is what makes the bits independent of
      // them.
      if (filled_ == panel_positions) update();
    }
  }

  void finish(std::span<double> sums, double factor) override {
    if (filled_ > 0) update();
    flush();
    for (std::int64_t g = 0; g < groups_; ++g) {
      const double* packed = sums_.data() + g * packed_size();
      double* full = sums.data() + g * columns_ * columns_;
      for (std::int64_t i = 0; i < columns_; ++i) {
        for (std::int64_t j = 0; j <= i; ++j)
          full[i * columns_ + j] += factor * *packed++;
      }
    }
  }

private:
  [[nodiscard]] std::int64_t packed_size() const { return columns_ * (columns_ + 1) / 2; }

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

  Im2col<T> im2col_;
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

double panel_engine_cost(const Layer& layer, const LayerInput& input, std::int64_t positions) {
  const auto columns = static_cast<double>(layer.columns());
  const auto padded = static_cast<double>(whole_slivers(layer.columns()));
  const double moving = positions < input.positions() ? drawn_element : moved_element;
  return static_cast<double>(layer.groups() * positions) * columns * (padded + moving);
}

std::int64_t panel_engine_bytes(const Layer& layer) {
  const std::int64_t element = layer.weight.scalar_type() == ScalarType::Float32 ? 4 : 8;
  const std::int64_t columns = layer.columns();
  return layer.groups() *
         (element * columns * panel_positions + element * columns * columns + 4 * columns * (columns + 1));
}

} // namespace spade::statistics
