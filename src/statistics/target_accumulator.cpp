// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/statistics/target_accumulator.hpp>

#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <spade/core/error.hpp>
#include <spade/core/parallel.hpp>
#include <spade/linalg/multiply.hpp>

#include "im2col.hpp"

namespace spade::statistics {
namespace {

template <class T> class TargetSums {
public:
  TargetSums(const Layer& layer, const Window3& window, PositionSampling sampling)
      : im2col_(window, sampling), groups_(layer.groups()), rows_(layer.rows()), columns_(layer.columns()),
        weight_(layer.weight.to_vector<T>()), dense_(size(columns_ * panel_positions)),
        seen_(size(columns_ * panel_positions)), outputs_(size(rows_ * panel_positions)),
        recent_(size(rows_ * columns_)), moments_(size(rows_ * columns_)),
        squares_(static_cast<std::size_t>(groups_)) {}

  void add(const LayerInput& dense, const LayerInput& seen, std::int64_t first_copy) {
    const std::int64_t total = im2col_.per_copy(dense) * dense.copies;
    for (std::int64_t done = 0; done < total;) {
      const std::int64_t take = std::min(total - done, panel_positions - filled_);
      im2col_.write(dense, first_copy, done, take, dense_.data() + filled_, panel_positions);
      im2col_.write(seen, first_copy, done, take, seen_.data() + filled_, panel_positions);
      done += take;
      filled_ += take;
      if (filled_ == panel_positions) update(); // at fixed positions, whatever the chunks
    }
  }

  /// The sums times `factor`.
  Targets finish(double factor, const std::vector<std::int64_t>& shape) {
    if (filled_ > 0) update();
    flush();
    Targets targets;
    for (double& value : moments_)
      value *= factor;
    for (const double square : squares_)
      targets.squared_norm += factor * square;
    targets.moments = TensorView::owning(std::move(moments_), shape);
    return targets;
  }

private:
  [[nodiscard]] std::size_t size(std::int64_t per_group) const {
    return static_cast<std::size_t>(groups_ * per_group);
  }

  void update() {
    std::fill(outputs_.begin(), outputs_.end(), T{0});
    // Small groups are shared out over threads, large ones are inside.
    const std::int64_t grain = groups_ == 1 ? 1 : std::max<std::int64_t>(1, 256 / (rows_ * columns_));
    parallel_for(groups_, grain, [&](std::int64_t from, std::int64_t to) {
      for (std::int64_t g = from; g < to; ++g)
        update_group(g);
    });
    since_flush_ += filled_;
    filled_ = 0;
    if (since_flush_ == flush_positions) flush();
  }

  void update_group(std::int64_t g) {
    const linalg::ConstMatrix<T> weight{weight_.data() + g * rows_ * columns_, rows_, columns_, columns_, 1};
    const linalg::ConstMatrix<T> dense{dense_.data() + g * columns_ * panel_positions, columns_, filled_,
                                       panel_positions, 1};
    const linalg::ConstMatrix<T> seen{seen_.data() + g * columns_ * panel_positions, columns_, filled_,
                                      panel_positions, 1};
    const linalg::Matrix<T> outputs{outputs_.data() + g * rows_ * panel_positions, rows_, filled_,
                                    panel_positions};
    linalg::multiply_add<T>(T{1}, weight, dense, outputs);
    linalg::multiply_add<T>(T{1}, outputs, seen.transposed(),
                            {recent_.data() + g * rows_ * columns_, rows_, columns_, columns_});
    double square = 0;
    for (std::int64_t r = 0; r < rows_; ++r) {
      const T* row = outputs.data + r * panel_positions;
      for (std::int64_t p = 0; p < filled_; ++p)
        square += static_cast<double>(row[p]) * static_cast<double>(row[p]);
    }
    squares_[static_cast<std::size_t>(g)] += square;
  }

  void flush() {
    for (std::size_t i = 0; i < recent_.size(); ++i)
      moments_[i] += static_cast<double>(recent_[i]);
    std::fill(recent_.begin(), recent_.end(), T{0});
    since_flush_ = 0;
  }

  Im2col<T> im2col_;
  std::int64_t groups_;
  std::int64_t rows_;
  std::int64_t columns_;
  std::int64_t filled_ = 0;      ///< positions in the panels
  std::int64_t since_flush_ = 0; ///< positions in the recent sums
  std::vector<T> weight_;        ///< W [G, R, C]
  std::vector<T> dense_;         ///< X [G, C, panel_positions]
  std::vector<T> seen_;          ///< Y [G, C, panel_positions]
  std::vector<T> outputs_;       ///< W X [G, R, panel_positions]
  std::vector<T> recent_;        ///< (W X) Y^T [G, R, C]
  std::vector<double> moments_;  ///< the same
  std::vector<double> squares_;  ///< ||W X||^2 by group
};

} // namespace

struct TargetAccumulator::State {
  Layer layer;
  GramAccumulator::Options options;
  Window3 window;
  std::variant<std::monostate, TargetSums<float>, TargetSums<double>> sums{};
  std::int64_t copies = 0;
  double scale = 1;
  std::vector<std::int64_t> first_shape{};
  std::array<std::int64_t, 3> extents{};

  void begin(const TensorView& view, const LayerInput& input) {
    const auto sampling = PositionSampling::of(options.positions_per_column, layer.columns(), options.copies,
                                               input.positions(), options.seed);
    scale = sampling.scale(input.positions());
    first_shape.assign(view.extents().begin(), view.extents().end());
    extents = input.extents;
    if (input.view.scalar_type() == ScalarType::Float32) {
      sums.emplace<TargetSums<float>>(layer, window, sampling);
    } else {
      sums.emplace<TargetSums<double>>(layer, window, sampling);
    }
  }

  void check_like_first(const TensorView& view, const LayerInput& input) const {
    if (copies == 0) return;
    const auto type =
        std::holds_alternative<TargetSums<float>>(sums) ? ScalarType::Float32 : ScalarType::Float64;
    if (view.scalar_type() != type) {
      throw ShapeMismatch(message("targets: layer '", layer.name, "' got ", to_string(view.scalar_type()),
                                  " inputs after ", to_string(type)));
    }
    if (input.extents != extents) {
      throw ShapeMismatch(message("targets: layer '", layer.name, "' got an input ",
                                  shape_text(view.extents()), " after ", shape_text(first_shape),
                                  "; give inputs of other extents to an accumulator of their own"));
    }
  }
};

TargetAccumulator::TargetAccumulator(const Layer& layer, GramAccumulator::Options options) {
  if (layer.uses > 1) {
    throw InvalidArgument(message("targets: layer '", layer.name, "' has ", layer.uses,
                                  " uses; targets are those of one, so give the layer with uses = 1"));
  }
  options.statistics = Statistics::Full;
  (void)GramAccumulator(layer, options); // checks the options
  state_ = std::make_unique<State>(State{layer, options, window3(layer)});
}

TargetAccumulator::TargetAccumulator(TargetAccumulator&&) noexcept = default;
TargetAccumulator& TargetAccumulator::operator=(TargetAccumulator&&) noexcept = default;
TargetAccumulator::~TargetAccumulator() = default;

void TargetAccumulator::add(const TensorView& dense, const TensorView& seen) {
  State& state = *state_;
  if (!std::ranges::equal(dense.extents(), seen.extents()) || dense.scalar_type() != seen.scalar_type()) {
    throw ShapeMismatch(message("targets: layer '", state.layer.name, "' sees ", shape_text(dense.extents()),
                                ' ', to_string(dense.scalar_type()), " in the dense network, but ",
                                shape_text(seen.extents()), ' ', to_string(seen.scalar_type()),
                                " in the pruned one"));
  }
  const LayerInput x = layer_input(state.layer, state.window, dense);
  const LayerInput y = layer_input(state.layer, state.window, seen);
  if (x.copies == 0) return;
  state.check_like_first(dense, x);
  check_finite(state.layer, x, state.copies);
  check_finite(state.layer, y, state.copies);
  if (state.copies == 0) state.begin(dense, x);
  std::visit(
      [&](auto& sums) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(sums)>, std::monostate>)
          sums.add(x, y, state.copies);
      },
      state.sums);
  state.copies += x.copies;
}

Targets TargetAccumulator::finish() && {
  State& state = *state_;
  if (state.copies == 0)
    throw InvalidArgument(message("targets: no input of layer '", state.layer.name, "' was seen"));
  const double factor = 2 * state.scale / static_cast<double>(state.copies);
  const std::vector<std::int64_t> shape{state.layer.groups(), state.layer.rows(), state.layer.columns()};
  return std::visit(
      [&](auto& sums) {
        if constexpr (std::is_same_v<std::decay_t<decltype(sums)>, std::monostate>) {
          return Targets{};
        } else {
          return sums.finish(factor, shape);
        }
      },
      state.sums);
}

} // namespace spade::statistics
