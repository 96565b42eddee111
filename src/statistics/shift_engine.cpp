// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// The Gram matrix of a convolution without im2col. H[(c,u),(c',v)] is a sum over pixels a of x_c[a] x_c'[a +
// v - u]: pairs of kernel elements with the same difference share it, but for the pixels at the border. A 3 x
// 3 kernel has 25 differences for 81 pairs, and zeros of the padding are never multiplied. Every pixel is
// packed once (pixel, then copy, then channel), and a shifted plane is the same memory further on.
#include <algorithm>
#include <limits>
#include <memory>
#include <vector>

#include <spade/core/parallel.hpp>
#include <spade/linalg/slivers.hpp>

#include "engine.hpp"
#include "pixel_panel.hpp"
#include "tile_sums.hpp"

namespace spade::statistics {
namespace {

std::int64_t pixels(const LayerInput& input) {
  return input.extents[0] * input.extents[1] * input.extents[2];
}

std::int64_t panel_copies(const LayerInput& input, std::int64_t copies) {
  const std::int64_t wanted = (products_in_one_sum + pixels(input) - 1) / pixels(input);
  return copies > 0 ? std::min(wanted, copies) : wanted;
}

template <class T> class ShiftEngine final : public Engine {
public:
  ShiftEngine(const Layer& layer, const Window3& window, const LayerInput& like, std::int64_t copies)
      : shifts_(shifts_of(window, like)), panel_(like, panel_copies(like, copies), shifts_),
        sums_(layer, window, linalg::Slivers<T>::current_height(), shifts_) {}

  void add(const LayerInput& input, std::int64_t /*first_copy*/) override {
    for (std::int64_t done = 0; done < input.copies;) {
      const std::int64_t take = std::min(panel_.copies() - panel_.filled(), input.copies - done);
      panel_.append(input, done, take);
      done += take;
      // Panels end at fixed copies, whatever the chunks: that is what makes the bits independent of them.
      if (panel_.filled() == panel_.copies()) update();
    }
  }

  void finish(std::span<double> sums, double factor) override {
    if (panel_.filled() > 0) update();
    sums_.finish(sums, factor);
  }

private:
  /// Adds the panel's products to the sums. A task is one tile and one shift.
  void update() {
    const auto tasks = static_cast<std::int64_t>(sums_.tiles().size() * shifts_.size());
    parallel_for(tasks, 1, [&](std::int64_t from, std::int64_t to) {
      std::vector<T> products(static_cast<std::size_t>(sums_.tile_size()));
      for (auto task = static_cast<std::size_t>(from); task < static_cast<std::size_t>(to); ++task)
        multiply(task / shifts_.size(), task % shifts_.size(), products);
    });
    panel_.clear();
  }

  void multiply(std::size_t tile, std::size_t shift, std::vector<T>& products) {
    const auto [i, j] = sums_.tiles()[tile];
    const auto& terms = shifts_[shift];
    for (std::size_t term = 0; term < terms.size(); ++term) {
      if (!(i == j && terms[term].backward)) panel_.multiply(tile, shift, term, terms[term], sums_, products);
    }
  }

  std::vector<Shift> shifts_;
  PixelPanel<T> panel_;
  TileSums sums_;
};

/// Multiply-adds per copy of all boxes, for one pair of rows.
double shared_products(const Window3& window, const LayerInput& input) {
  double result = 0;
  for (const auto& group : boxes_by_shift(window, input)) {
    for (const auto& box : group)
      result += static_cast<double>(pixels(box));
  }
  return result;
}

} // namespace

double shift_engine_cost(const Layer& layer, const Window3& window, const LayerInput& input) {
  constexpr double impossible = std::numeric_limits<double>::infinity();
  if (window.elements() == 1 || (layer.groups() > 1 && !layer.depthwise())) return impossible;
  // Tiles are whole slivers of rows and of columns, so few channels waste most of one.
  const auto channels = static_cast<double>(whole_slivers(input.channels));
  return channels * (layer.depthwise() ? 1 : channels) * shared_products(window, input);
}

std::int64_t shift_engine_bytes(const Layer& layer) {
  const std::int64_t elements = layer.columns_per_channel();
  if (elements == 1 || (layer.groups() > 1 && !layer.depthwise())) return 0;
  const std::int64_t bytes = layer.weight.scalar_type() == ScalarType::Float32 ? 4 : 8;
  const std::int64_t height = linalg::Slivers<float>::current_height();
  const std::int64_t slivers = (layer.groups() * layer.columns() / elements + height - 1) / height;
  const std::int64_t sums =
      layer.depthwise() ? slivers * height : slivers * (slivers + 1) / 2 * height * height;
  return bytes * slivers * height * 2 * products_in_one_sum + 8 * sums * elements * elements;
}

std::unique_ptr<Engine> shift_engine(const Layer& layer, const Window3& window, const LayerInput& like,
                                     std::int64_t copies) {
  if (like.view.scalar_type() == ScalarType::Float32) {
    return std::make_unique<ShiftEngine<float>>(layer, window, like, copies);
  }
  return std::make_unique<ShiftEngine<double>>(layer, window, like, copies);
}

} // namespace spade::statistics
