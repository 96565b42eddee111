// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/statistics/gram_accumulator.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <spade/core/error.hpp>
#include <spade/core/parallel.hpp>

#include "engine.hpp"
#include "window_positions.hpp"

namespace spade::statistics {
namespace {

void check_options(const Layer& layer, const GramAccumulator::Options& options) {
  if (options.statistics == Statistics::None) {
    throw InvalidArgument(
        message("GramAccumulator: nothing to gather for layer '", layer.name, "' with Statistics::None"));
  }
  if (options.positions_per_column < 0 || (options.positions_per_column > 0 && options.copies < 1)) {
    throw InvalidArgument(message("GramAccumulator: layer '", layer.name, "': positions_per_column ",
                                  options.positions_per_column, " with copies ", options.copies,
                                  "; it must be 0 (all), or positive with copies known"));
  }
}

/// Scales the lower triangles of [G, C, C] and copies them to the upper ones, by squares that stay in cache.
void scale_and_mirror(std::span<double> grams, std::int64_t columns, double factor) {
  constexpr std::int64_t square = 32;
  const std::int64_t bands = (columns + square - 1) / square;
  const std::int64_t groups = static_cast<std::int64_t>(grams.size()) / (columns * columns);
  parallel_for(groups * bands, std::max<std::int64_t>(1, 65536 / (square * columns)),
               [&](std::int64_t from, std::int64_t to) {
                 for (std::int64_t task = from; task < to; ++task) {
                   double* gram = grams.data() + task / bands * columns * columns;
                   const std::int64_t top = task % bands * square;
                   for (std::int64_t left = 0; left <= top; left += square) {
                     for (std::int64_t i = top; i < std::min(top + square, columns); ++i) {
                       for (std::int64_t j = left; j <= std::min(left + square - 1, i); ++j) {
                         gram[i * columns + j] *= factor;
                         gram[j * columns + i] = gram[i * columns + j];
                       }
                     }
                   }
                 }
               });
}

} // namespace

/// What one use of the layer has gathered; uses are kept apart so that the order of summing is that of the
/// copies alone.
struct Use {
  std::unique_ptr<Engine> engine; ///< made for the extents of the first input
  std::vector<std::int64_t> first_shape;
  std::array<std::int64_t, 3> extents{};
  double scale = 1; ///< all positions / used ones
  std::int64_t copies = 0;
};

struct GramAccumulator::State {
  Layer layer;
  Options options;
  Window3 window;
  std::vector<Use> uses;
  std::size_t next_use = 0;
  std::optional<ScalarType> type{};
  std::int64_t positions = 0; ///< used so far, over all uses

  /// What can be known from a use's first input only.
  void begin(Use& use, const TensorView& view, const LayerInput& input) {
    auto sampling = PositionSampling::of(options.positions_per_column, layer.columns(), options.copies,
                                         input.positions(), options.seed);
    const bool may_use_all = sampling.per_copy == 0 || !options.drawn_only;
    auto way = Gathering::Panels;
    if (options.statistics == Statistics::Full && may_use_all)
      way = least_work(layer, window, input, options.copies, sampling.used(input.positions()));
    if (way != Gathering::Panels) sampling.per_copy = 0;
    use.scale = sampling.scale(input.positions());
    use.first_shape.assign(view.extents().begin(), view.extents().end());
    use.extents = input.extents;
    if (options.statistics == Statistics::Diagonal) {
      use.engine = diagonal_engine(layer, window, sampling);
    } else if (way == Gathering::Shifts) {
      use.engine = shift_engine(layer, window, input, options.copies);
    } else if (way == Gathering::Spectra) {
      use.engine = spectral_engine(layer, window, input, options.copies);
    } else {
      use.engine = panel_engine(layer, window, input.view.scalar_type(), sampling);
    }
  }

  /// An engine is made for the extents of its first input; with others it would write past its memory.
  void check_like_first(const Use& use, const TensorView& view, const LayerInput& input) const {
    if (type && view.scalar_type() != *type) {
      throw ShapeMismatch(message("statistics: layer '", layer.name, "' got ", to_string(view.scalar_type()),
                                  " inputs after ", to_string(*type)));
    }
    if (!use.engine || input.extents == use.extents) return;
    throw ShapeMismatch(
        message("statistics: use ", next_use, " of layer '", layer.name, "' got an input ",
                shape_text(view.extents()), " after ", shape_text(use.first_shape),
                "; a use keeps its extents. Give inputs of other extents to an accumulator of "
                "their own, or, where one forward pass applies the layer to both, count each "
                "application in Layer::uses (Layer::uses is ",
                layer.uses, ")"));
  }
};

GramAccumulator::GramAccumulator(const Layer& layer, Options options) {
  check_options(layer, options);
  state_ = std::make_unique<State>(State{layer, options, window3(layer), {}});
  state_->uses.resize(static_cast<std::size_t>(std::max<std::int64_t>(layer.uses, 1)));
}

GramAccumulator::GramAccumulator(GramAccumulator&&) noexcept = default;
GramAccumulator& GramAccumulator::operator=(GramAccumulator&&) noexcept = default;
GramAccumulator::~GramAccumulator() = default;

void GramAccumulator::add(const TensorView& input) {
  State& state = *state_;
  const LayerInput seen = layer_input(state.layer, state.window, input);
  if (seen.copies == 0) return;
  Use& use = state.uses[state.next_use];
  state.check_like_first(use, input, seen);
  if (!use.engine) state.begin(use, input, seen);
  state.type = input.scalar_type();
  check_finite(state.layer, seen, use.copies);
  use.engine->add(seen, use.copies);
  use.copies += seen.copies;
  state.positions += static_cast<std::int64_t>(
      std::llround(static_cast<double>(seen.positions() * seen.copies) / use.scale));
  state.next_use = (state.next_use + 1) % state.uses.size();
}

LayerProblem GramAccumulator::finish() && {
  State& state = *state_;
  const Layer& layer = state.layer;
  const std::int64_t copies = state.uses[0].copies;
  if (copies == 0)
    throw InvalidArgument(message("statistics: no input of layer '", layer.name, "' was seen"));
  for (std::size_t i = 1; i < state.uses.size(); ++i) {
    const auto& use = state.uses[i];
    if (!use.engine) {
      throw InvalidArgument(message("statistics: no input of use ", i, " of layer '", layer.name,
                                    "' was seen, though Layer::uses is ", layer.uses,
                                    "; give an input of every use, in turn"));
    }
    if (use.copies != copies) {
      throw InvalidArgument(message("statistics: use ", i, " of layer '", layer.name, "' saw ", use.copies,
                                    " copies, use 0 ", copies, "; each use sees the same copies"));
    }
  }
  std::vector<std::int64_t> shape{layer.groups(), layer.columns()};
  if (state.options.statistics == Statistics::Full) shape.push_back(layer.columns());
  std::int64_t size = 1;
  for (const auto extent : shape)
    size *= extent;
  std::vector<double> sums(static_cast<std::size_t>(size));
  for (auto& use : state.uses) {
    use.engine->finish(sums, use.scale);
    use.engine.reset();
  }
  const double factor = 2 / static_cast<double>(copies);
  if (state.options.statistics == Statistics::Full) {
    scale_and_mirror(sums, layer.columns(), factor);
  } else {
    for (double& value : sums)
      value *= factor;
  }
  return {layer.name, layer.weight,    TensorView::owning(std::move(sums), shape),
          copies,     state.positions, layer.columns_per_channel()};
}

std::int64_t GramAccumulator::bytes(const Layer& layer, Statistics statistics) {
  const std::int64_t uses = std::max<std::int64_t>(layer.uses, 1);
  if (statistics == Statistics::None) return 0;
  if (statistics == Statistics::Diagonal) return uses * 8 * layer.groups() * layer.columns();
  return uses *
         std::max({panel_engine_bytes(layer), shift_engine_bytes(layer), spectral_engine_bytes(layer)});
}

} // namespace spade::statistics
