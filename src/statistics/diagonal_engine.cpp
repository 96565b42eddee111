// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include <spade/core/parallel.hpp>

#include "engine.hpp"

namespace spade::statistics {
namespace {

/// Sums squares per column in double, copy after copy; every column belongs to one thread.
class DiagonalEngine final : public Engine {
public:
  DiagonalEngine(const Layer& layer, const Window3& window, PositionSampling sampling)
      : window_(window), sampling_(sampling),
        sums_(static_cast<std::size_t>(layer.groups() * layer.columns())) {}

  void add(const LayerInput& input, std::int64_t first_copy) override {
    if (input.view.scalar_type() == ScalarType::Float32) {
      add_typed(input, input.view.data<float>(), first_copy);
    } else {
      add_typed(input, input.view.data<double>(), first_copy);
    }
  }

  void finish(std::span<double> sums, double factor) override {
    for (std::size_t i = 0; i < sums_.size(); ++i)
      sums[i] += factor * sums_[i];
  }

private:
  template <class T> void add_typed(const LayerInput& input, const T* data, std::int64_t first_copy) {
    std::vector<std::int64_t> drawn;
    const std::int64_t elements = window_.elements();
    for (std::int64_t copy = 0; copy < input.copies; ++copy) {
      if (sampling_.per_copy > 0) sampling_.draw(first_copy + copy, input.positions(), drawn);
      const std::int64_t work = elements * sampling_.used(input.positions());
      parallel_for(input.channels, std::max<std::int64_t>(1, 65536 / work),
                   [&](std::int64_t from, std::int64_t to) {
                     for (std::int64_t channel = from; channel < to; ++channel) {
                       const T* plane = data + copy * input.copy_stride + channel * input.channel_stride;
                       for (std::int64_t element = 0; element < elements; ++element) {
                         double sum = 0;
                         if (sampling_.per_copy > 0) {
                           for (const auto position : drawn) {
                             const auto [z, y, x] = input.output(position);
                             sum += run(input, plane, element, z, y, x, 1);
                           }
                         } else {
                           for (std::int64_t z = 0; z < input.outputs[0]; ++z) {
                             for (std::int64_t y = 0; y < input.outputs[1]; ++y)
                               sum += run(input, plane, element, z, y, 0, input.outputs[2]);
                           }
                         }
                         sums_[static_cast<std::size_t>(channel * elements + element)] += sum;
                       }
                     }
                   });
    }
  }

  /// Sum of squares of what one element of the kernel sees at `count` positions of one row of outputs.
  template <class T>
  [[nodiscard]] double run(const LayerInput& input, const T* plane, std::int64_t element, std::int64_t z,
                           std::int64_t y, std::int64_t x, std::int64_t count) const {
    const std::int64_t in_z = window_.source(0, z, element);
    const std::int64_t in_y = window_.source(1, y, element);
    if (in_z < 0 || in_z >= input.extents[0] || in_y < 0 || in_y >= input.extents[1]) return 0;
    const T* row = plane + in_z * input.strides[0] + in_y * input.strides[1];
    double sum = 0;
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t in_x = window_.source(2, x + i, element);
      if (in_x < 0 || in_x >= input.extents[2]) continue;
      const double value = static_cast<double>(row[in_x * input.strides[2]]);
      sum += value * value;
    }
    return sum;
  }

  Window3 window_;
  PositionSampling sampling_;
  std::vector<double> sums_; ///< [G C]
};

} // namespace

std::unique_ptr<Engine> diagonal_engine(const Layer& layer, const Window3& window,
                                        PositionSampling sampling) {
  return std::make_unique<DiagonalEngine>(layer, window, sampling);
}

} // namespace spade::statistics
