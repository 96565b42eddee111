// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// The Gram matrix of a convolution without a stride from Fourier transforms. Its sums over pixels (shift_engine.cpp)
// are taken over all pixels of a map, for all distances at once (spectra.hpp), and what a pair of kernel elements does
// not see of them, at the border, is taken off. Rounding must not make a column's norm negative then, nor give one to a
// column that sees nothing: norms are sums of the squares that their elements see, and products with nothing are
// nothing.
#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <spade/core/parallel.hpp>
#include <spade/linalg/slivers.hpp>

#include "engine.hpp"
#include "pixel_panel.hpp"
#include "spectra.hpp"
#include "tile_sums.hpp"

namespace spade::statistics {
namespace {

/// What the transforms of a panel's copies take at most, in elements.
constexpr std::int64_t most_transformed = std::int64_t{5} << 20;
/// More copies than this do not help.
constexpr std::int64_t most_copies = 64;

/// Multiply-adds that take as long as bringing one element of a transform to its place, and as adding one sum of
/// products to those in double. Measured (docs/performance.md).
constexpr double moved_frequency = 200;
constexpr double added_sum = 8;

/// The pairs of a shift that do not see a term's pixels.
std::vector<ElementPair> blind_pairs(const std::vector<ElementPair>& all, const Term& term) {
  auto seeing = term.pairs;
  std::sort(seeing.begin(), seeing.end());
  std::vector<ElementPair> blind;
  std::set_difference(all.begin(), all.end(), seeing.begin(), seeing.end(), std::back_inserter(blind));
  return blind;
}

/// Of each shift the whole map, whatever pairs see of it, and then what some of them do not see.
std::vector<Shift> spectral_terms(const std::vector<Shift>& shifts) {
  std::vector<Shift> result;
  for (const auto& terms : shifts) {
    Term whole{terms[0].box, {}, terms[0].backward, 1};
    for (const auto& term : terms)
      whole.pairs.insert(whole.pairs.end(), term.pairs.begin(), term.pairs.end());
    std::sort(whole.pairs.begin(), whole.pairs.end());
    whole.pairs.erase(std::unique(whole.pairs.begin(), whole.pairs.end()), whole.pairs.end());
    Shift all{whole};
    for (const auto& term : terms) {
      auto pairs = blind_pairs(whole.pairs, term);
      if (!pairs.empty()) all.push_back({term.box, std::move(pairs), term.backward, -1});
    }
    result.push_back(std::move(all));
  }
  return result;
}

/// Without the whole maps.
std::vector<Shift> blind_terms(std::vector<Shift> terms) {
  for (auto& shift : terms)
    shift.erase(shift.begin());
  return terms;
}

/// Whole convolutions in two dimensions, without a stride.
bool may_be_transformed(const Layer& layer, const Window3& window) {
  return layer.groups() == 1 && window.elements() > 1 && window.elements() <= most_listed_elements &&
         window.stride == std::array<std::int64_t, 3>{1, 1, 1} && window.kernel[0] == 1;
}

/// Possible where all distances' terms together are all pixels that have another one so far away, without a stride, in
/// two dimensions.
std::optional<TransformShape> transform_shape(const Layer& layer, const Window3& window,
                                              const LayerInput& input) {
  if (!may_be_transformed(layer, window) || input.extents[0] > 1) return {};
  TransformShape shape{{input.extents[1], input.extents[2]}, {0, 0}};
  const auto groups = boxes_by_shift(window, input);
  if (groups.empty()) return {};
  for (const auto& boxes : groups) {
    const std::array<std::int64_t, 2> lags{std::abs(boxes[0][1].shift), std::abs(boxes[0][2].shift)};
    std::int64_t seen = 0;
    for (const auto& box : boxes)
      seen += pixels(box);
    if (seen != (input.extents[1] - lags[0]) * (input.extents[2] - lags[1])) return {};
    for (std::size_t d = 0; d < 2; ++d)
      shape.lags[d] = std::max(shape.lags[d], lags[d]);
  }
  return shape;
}

/// The copies of a panel; 0 where not even one fits.
std::int64_t panel_copies(const TransformShape& shape, const LayerInput& input, std::int64_t copies) {
  const std::int64_t a_copy = whole_slivers(input.channels) * Spectra<float>::elements(shape);
  std::int64_t wanted = most_copies;
  while (wanted > 0 && wanted * a_copy > most_transformed)
    wanted /= 2;
  if (wanted == 0) return 0;
  if (copies <= 0) return wanted;
  // As many in every panel: a last one that is not full would take as long as the others.
  const std::int64_t panels = (copies + wanted - 1) / wanted;
  return (copies + panels - 1) / panels;
}

template <class T> class SpectralEngine final : public Engine {
public:
  SpectralEngine(const Layer& layer, const Window3& window, const LayerInput& like,
                 const TransformShape& shape, std::int64_t copies)
      : elements_(window.elements()), shape_(shape), shifts_(shifts_of(window, like)),
        terms_(spectral_terms(shifts_)), border_(like, copies, blind_terms(terms_)),
        spectra_(shape, like.channels, copies),
        sums_(layer, window, linalg::Slivers<T>::current_height(), terms_),
        squares_(static_cast<std::size_t>(like.channels) * zero_shift().size()) {}

  void add(const LayerInput& input, std::int64_t /*first_copy*/) override {
    add_squares(input);
    for (std::int64_t done = 0; done < input.copies;) {
      const std::int64_t take = std::min(border_.copies() - border_.filled(), input.copies - done);
      spectra_.transform(input, done, take, border_.filled());
      border_.append(input, done, take);
      done += take;
      // Panels end at fixed copies, whatever the chunks: that is what makes the bits independent of them.
      if (border_.filled() == border_.copies()) update();
    }
  }

  void finish(std::span<double> sums, double factor) override {
    if (border_.filled() > 0) update();
    sums_.finish(sums, factor, norms());
  }

private:
  [[nodiscard]] const Shift& zero_shift() const { return shifts_[shifts_.size() / 2]; }

  /// The squares of each channel, summed over the pixels of each term without a shift.
  void add_squares(const LayerInput& input) {
    const auto& terms = zero_shift();
    parallel_for(input.channels, 1, [&](std::int64_t from, std::int64_t to) {
      for (std::int64_t channel = from; channel < to; ++channel) {
        double* sums = squares_.data() + static_cast<std::size_t>(channel) * terms.size();
        for (std::int64_t copy = 0; copy < input.copies; ++copy) {
          const T* data =
              input.view.template data<T>() + copy * input.copy_stride + channel * input.channel_stride;
          for (std::size_t term = 0; term < terms.size(); ++term)
            sums[term] += squares(data, input, terms[term].box);
        }
      }
    });
  }

  static double squares(const T* data, const LayerInput& input, const StretchBox& box) {
    const auto& [z, y, x] = box;
    std::array<double, 4> sums{};
    for (std::int64_t in_y = y.first; in_y < y.first + y.count; ++in_y) {
      const T* value = data + in_y * input.strides[1] + x.first * input.strides[2];
      std::int64_t k = 0;
      for (; k + 4 <= x.count; k += 4) { // sums apart, which do not wait for each other
        for (double& sum : sums) {
          sum += static_cast<double>(*value) * static_cast<double>(*value);
          value += input.strides[2];
        }
      }
      for (; k < x.count; ++k, value += input.strides[2])
        sums[0] += static_cast<double>(*value) * static_cast<double>(*value);
    }
    return sums[0] + sums[1] + sums[2] + sums[3];
  }

  /// [channels, elements]
  [[nodiscard]] std::vector<double> norms() const {
    const auto& terms = zero_shift();
    const std::size_t channels = squares_.size() / terms.size();
    std::vector<double> result(channels * static_cast<std::size_t>(elements_));
    for (std::size_t channel = 0; channel < channels; ++channel) {
      for (std::size_t term = 0; term < terms.size(); ++term) {
        for (const auto& [u, v] : terms[term].pairs)
          result[channel * static_cast<std::size_t>(elements_) + static_cast<std::size_t>(u)] +=
              squares_[channel * terms.size() + term];
      }
    }
    return result;
  }

  /// Tiles with slivers in common: numbers of tiles, up to four each.
  [[nodiscard]] std::vector<std::vector<std::size_t>> tile_groups() const {
    const auto& tiles = sums_.tiles();
    const std::int64_t sides = tiles.back().i / 2 + 1;
    std::vector<std::vector<std::size_t>> groups(static_cast<std::size_t>(sides * sides));
    for (std::size_t tile = 0; tile < tiles.size(); ++tile)
      groups[static_cast<std::size_t>(tiles[tile].i / 2 * sides + tiles[tile].j / 2)].push_back(tile);
    std::erase_if(groups, [](const auto& group) { return group.empty(); });
    return groups;
  }

  /// Adds the panel's products to the sums. A task is one group of tiles.
  void update() {
    if (border_.filled() < border_.copies()) spectra_.clear_from(border_.filled());
    const auto groups = tile_groups();
    parallel_for(static_cast<std::int64_t>(groups.size()), 1, [&](std::int64_t from, std::int64_t to) {
      const linalg::Workspace<T> correlations(4 * spectra_.correlation_size());
      const linalg::Workspace<T> memory(spectra_.workspace(4));
      std::vector<T> products(static_cast<std::size_t>(sums_.tile_size()));
      for (auto group = static_cast<std::size_t>(from); group < static_cast<std::size_t>(to); ++group) {
        std::vector<typename Spectra<T>::Pair> pairs;
        for (const auto tile : groups[group])
          pairs.push_back({sums_.tiles()[tile].i, sums_.tiles()[tile].j});
        spectra_.correlate(pairs, correlations.data(), memory.data());
        for (std::size_t k = 0; k < pairs.size(); ++k)
          add_tile(groups[group][k],
                   correlations.data() + static_cast<std::int64_t>(k) * spectra_.correlation_size(),
                   products);
      }
    });
    border_.clear();
  }

  void add_tile(std::size_t tile, const T* correlations, std::vector<T>& products) {
    const auto [i, j] = sums_.tiles()[tile];
    const std::int64_t height = sums_.height();
    const std::int64_t lags = shape_.lag_count(0) * shape_.lag_count(1);
    for (std::size_t shift = 0; shift < terms_.size(); ++shift) {
      const auto& terms = terms_[shift];
      if (i == j && terms[0].backward) continue;
      const auto& [z, y, x] = terms[0].box;
      const std::int64_t lag = (y.shift + shape_.lags[0]) * shape_.lag_count(1) + x.shift + shape_.lags[1];
      for (std::int64_t r = 0; r < height; ++r)
        std::copy_n(correlations + (r * lags + lag) * height, height, products.data() + r * height);
      sums_.add(tile, shift, 0, terms[0], products);
      for (std::size_t term = 1; term < terms.size(); ++term)
        border_.multiply(tile, shift, term, terms[term], sums_, products);
    }
  }

  std::int64_t elements_;
  TransformShape shape_;
  std::vector<Shift> shifts_;
  std::vector<Shift> terms_; ///< [shift][whole, blind ...]
  PixelPanel<T> border_;
  Spectra<T> spectra_;
  TileSums sums_;
  std::vector<double> squares_; ///< [channels, terms of the zero shift]
};

} // namespace

double spectral_engine_cost(const Layer& layer, const Window3& window, const LayerInput& input,
                            std::int64_t copies) {
  const auto shape = transform_shape(layer, window, input);
  const std::int64_t panel = shape ? panel_copies(*shape, input, copies) : 0;
  if (panel == 0) return std::numeric_limits<double>::infinity();
  double products = Spectra<float>::product_cost(*shape, panel) / static_cast<double>(panel);
  double sums = 0;
  for (const auto& terms : spectral_terms(shifts_of(window, input))) {
    for (std::size_t term = 1; term < terms.size(); ++term)
      products += static_cast<double>(pixels(terms[term].box));
    sums += static_cast<double>(terms.size());
  }
  const double pair = products + added_sum * sums / static_cast<double>(panel);
  const double channel = PlaneTransform<float>::cost(*shape) +
                         moved_frequency * static_cast<double>(Spectra<float>::elements(*shape));
  const auto channels = static_cast<double>(whole_slivers(input.channels));
  return channels * (channels * pair + 2 * channel);
}

std::unique_ptr<Engine> spectral_engine(const Layer& layer, const Window3& window, const LayerInput& like,
                                        std::int64_t copies) {
  const auto shape = transform_shape(layer, window, like);
  const std::int64_t panel = shape ? panel_copies(*shape, like, copies) : 0;
  if (panel == 0) return nullptr;
  if (like.view.scalar_type() == ScalarType::Float32)
    return std::make_unique<SpectralEngine<float>>(layer, window, like, *shape, panel);
  return std::make_unique<SpectralEngine<double>>(layer, window, like, *shape, panel);
}

std::int64_t spectral_engine_bytes(const Layer& layer) {
  if (!may_be_transformed(layer, window3(layer))) return 0;
  const std::int64_t bytes = layer.weight.scalar_type() == ScalarType::Float32 ? 4 : 8;
  return shift_engine_bytes(layer) + bytes * most_transformed;
}

} // namespace spade::statistics
