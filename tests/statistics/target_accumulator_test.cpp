// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/statistics/target_accumulator.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <Eigen/Core>
#include <Eigen/LU>
#include <Eigen/QR>
#include <catch2/catch.hpp>

#include <spade/core/error.hpp>

#include "statistics/slow_gram.hpp"
#include "support/threads.hpp"

namespace {

using namespace spade;
using Catch::Matchers::Contains;
using slow::Case;
using statistics::GramAccumulator;
using statistics::TargetAccumulator;
using statistics::Targets;
using Shape = std::vector<std::int64_t>;
using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

const std::vector<Case> cases{
    {5, 1, 1, {}},
    {3, 1, 7, {}},
    {513, 1, 3, {}},
    {1100, 1, 3, {4}}, // over 4096 positions
    {2, 1, 3, {2, 5}},
    {2, 2, 3, {}},
    {3, 1, 4, {5, 6}, {1, 1}, {2, 2}, {0, 0}, {0, 0}, {1, 1}},
    {2, 1, 3, {7, 7}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}},
    {2, 2, 2, {6, 5}, {3, 2}, {2, 1}, {1, 0}, {0, 1}, {1, 2}},
    {3, 5, 1, {5, 5}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}}, // depthwise
};

/// The probe's layer with weights of its own.
Layer layer_of(const Case& probe) {
  Layer layer = probe.layer();
  std::vector<float> weights(static_cast<std::size_t>(layer.weight.size()));
  RandomStream draws(11, 0);
  for (float& weight : weights)
    weight = static_cast<float>(draws.normal());
  layer.weight = TensorView::owning(std::move(weights), layer.weight.extents());
  return layer;
}

TensorView view_of(const Case& probe, const std::vector<float>& x, std::int64_t begin, std::int64_t count) {
  Shape shape = probe.shape();
  const auto size = static_cast<std::ptrdiff_t>(probe.size() / probe.copies);
  shape[0] = count;
  return TensorView::owning(std::vector<float>(x.begin() + begin * size, x.begin() + (begin + count) * size),
                            shape);
}

Targets gather(const Case& probe, const std::vector<float>& x, const std::vector<float>& y,
               std::int64_t chunk, GramAccumulator::Options options = {}) {
  TargetAccumulator accumulator(layer_of(probe), options);
  for (std::int64_t begin = 0; begin < probe.copies; begin += chunk) {
    const auto count = std::min(chunk, probe.copies - begin);
    accumulator.add(view_of(probe, x, begin, count), view_of(probe, y, begin, count));
  }
  return std::move(accumulator).finish();
}

LayerProblem seen_problem(const Case& probe, const std::vector<float>& y,
                          GramAccumulator::Options options = {}) {
  const Layer layer = layer_of(probe);
  GramAccumulator accumulator(layer, options);
  accumulator.add(view_of(probe, y, 0, probe.copies));
  return std::move(accumulator).finish();
}

std::vector<float> floats(const std::vector<double>& values) {
  return {values.begin(), values.end()};
}

/// [C, positions] of one group, from the definition.
Rows columns_of(const Case& probe, const std::vector<float>& x, std::int64_t group) {
  const auto positions = slow::positions(probe, {x.begin(), x.end()});
  const auto columns = probe.channels * probe.kernel_elements();
  Rows result(columns, static_cast<Eigen::Index>(positions.size()));
  for (Eigen::Index p = 0; p < result.cols(); ++p)
    for (Eigen::Index c = 0; c < columns; ++c)
      result(c, p) = positions[static_cast<std::size_t>(p)][static_cast<std::size_t>(group * columns + c)];
  return result;
}

Rows rows_of(const TensorView& group) {
  const auto values = group.to_vector<double>();
  return Eigen::Map<const Rows>(values.data(), group.extent(0), group.extent(1));
}

} // namespace

TEST_CASE("targets are what the definition says, for every kind of window", "[statistics][targets]") {
  for (const auto& probe : cases) {
    const auto x = floats(slow::inputs(probe, 1));
    const auto y = floats(slow::inputs(probe, 2));
    const Layer layer = layer_of(probe);
    const auto targets = gather(probe, x, y, probe.copies);
    const double factor = 2.0 / static_cast<double>(probe.copies);
    double square = 0;
    for (std::int64_t g = 0; g < probe.groups; ++g) {
      const Rows output = rows_of(layer.weight[g]) * columns_of(probe, x, g);
      const Rows expected = factor * output * columns_of(probe, y, g).transpose();
      CHECK((rows_of(targets.moments[g]) - expected).norm() <= 1e-5 * expected.norm());
      square += factor * output.squaredNorm();
    }
    CHECK(targets.squared_norm == Approx(square).epsilon(1e-5));
  }
}

TEST_CASE("targets have the same bits for any chunks and threads", "[statistics][targets]") {
  for (const auto& probe : cases) {
    const auto x = floats(slow::inputs(probe, 1));
    const auto y = floats(slow::inputs(probe, 2));
    const auto expected = gather(probe, x, y, probe.copies);
    for (const int count : {1, 3}) {
      const tests::Threads threads(count);
      for (const std::int64_t chunk : {std::int64_t{1}, std::int64_t{2}, std::int64_t{300}}) {
        const auto targets = gather(probe, x, y, chunk);
        CHECK(targets.moments.to_vector<double>() == expected.moments.to_vector<double>());
        CHECK(targets.squared_norm == expected.squared_norm);
      }
    }
  }
}

TEST_CASE("some positions stand for all, scaled", "[statistics][targets]") {
  const Case probe{40, 1, 3, {400}};
  const auto x = floats(slow::inputs(probe, 1));
  const auto all = gather(probe, x, x, 40);
  GramAccumulator::Options options;
  options.positions_per_column = 1000;
  options.copies = 40;
  const auto some = gather(probe, x, x, 40, options);
  CHECK(some.squared_norm != all.squared_norm);
  CHECK(some.squared_norm == Approx(all.squared_norm).epsilon(0.1));
}

TEST_CASE("the matrix of drawn positions is that of the targets", "[statistics][targets]") {
  // B = W H for X = Y, which holds only where both use the same positions.
  const Case probe{4, 1, 48, {12, 12}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}};
  const auto x = floats(slow::inputs(probe, 1));
  const GramAccumulator::Options options{.positions_per_column = 1, .copies = 4, .drawn_only = true};
  const auto problem = seen_problem(probe, x, options);
  const Rows moments = rows_of(gather(probe, x, x, probe.copies, options).moments[0]);
  const Rows product = rows_of(problem.weight[0]) * rows_of(problem.gram[0]);
  CHECK((moments - product).cwiseAbs().maxCoeff() < 1e-5 * product.cwiseAbs().maxCoeff());
}

TEST_CASE("the weights to prune solve the damped least squares", "[statistics][targets]") {
  for (const auto& probe : cases) {
    const auto x = floats(slow::inputs(probe, 1));
    auto y = x;
    const auto noise = slow::inputs(probe, 3);
    for (std::size_t i = 0; i < y.size(); ++i)
      y[i] += static_cast<float>(0.3 * noise[i]);
    const Layer layer = layer_of(probe);
    const auto seen = seen_problem(probe, y);
    const auto targets = gather(probe, x, y, probe.copies);
    const double damping = 0.05;
    const auto problem = targets.retarget(seen, damping);
    CHECK(problem.weight.scalar_type() == ScalarType::Float32);
    CHECK(problem.name == seen.name);
    double error = 0;
    double whole = 0;
    for (std::int64_t g = 0; g < probe.groups; ++g) {
      const Rows w = rows_of(layer.weight[g]);
      const Rows dense = columns_of(probe, x, g);
      const Rows pruned = columns_of(probe, y, g);
      const double factor = 2.0 / static_cast<double>(probe.copies);
      const Rows h = factor * pruned * pruned.transpose();
      const Rows b = factor * w * dense * pruned.transpose();
      REQUIRE(h.trace() > 0);
      const double shift = damping * h.trace() / static_cast<double>(h.rows());
      const Rows damped = h + shift * Rows::Identity(h.rows(), h.cols());
      // The stationary point of ||W X - V Y||^2 + shift ||V - W||^2.
      const Rows expected = (b + shift * w) * Rows(damped.inverse());
      CHECK((rows_of(problem.weight[g]) - expected).norm() <= 1e-4 * expected.norm());
      error += (w * dense - rows_of(problem.weight[g]) * pruned).squaredNorm();
      whole += (w * dense).squaredNorm();
    }
    CHECK(targets.relative_error(seen, problem.weight) == Approx(error / whole).margin(1e-5));
    CHECK(targets.relative_error(seen, problem.weight) <= targets.relative_error(seen, layer.weight) + 1e-9);
  }
}

TEST_CASE("where nothing was pruned before, the weights stay", "[statistics][targets]") {
  for (const auto& probe : cases) {
    const auto x = floats(slow::inputs(probe, 1));
    const auto seen = seen_problem(probe, x);
    const auto targets = gather(probe, x, x, probe.copies);
    const auto before = layer_of(probe).weight.to_vector<double>();
    const auto after = targets.retarget(seen, 1e-2).weight.to_vector<double>();
    double largest = 0;
    for (std::size_t i = 0; i < before.size(); ++i)
      largest = std::max(largest, std::abs(before[i] - after[i]));
    CHECK(largest < 1e-3);
    CHECK(targets.relative_error(seen, layer_of(probe).weight) < 1e-5);
  }
}

TEST_CASE("a layer that sees nothing keeps its weights", "[statistics][targets]") {
  const Case probe{2, 2, 3, {}};
  const std::vector<float> nothing(static_cast<std::size_t>(probe.size()));
  const auto seen = seen_problem(probe, nothing);
  const auto targets = gather(probe, nothing, nothing, 2);
  CHECK(targets.retarget(seen, 1e-2).weight.to_vector<double>() ==
        layer_of(probe).weight.to_vector<double>());
  CHECK(targets.relative_error(seen, layer_of(probe).weight) == 0);
}

TEST_CASE("damping is raised where the copies are too few", "[statistics][targets]") {
  const Case probe{2, 1, 9, {}}; // two positions for nine columns
  const auto x = floats(slow::inputs(probe, 1));
  const auto y = floats(slow::inputs(probe, 2));
  const auto seen = seen_problem(probe, y);
  const auto weights = gather(probe, x, y, 2).retarget(seen, 0).weight.to_vector<double>();
  CHECK(std::ranges::all_of(weights, [](double weight) { return std::isfinite(weight); }));

  // Weights along what the copies do not show stay: W* - W lies in the span of the inputs, but for rounding.
  const auto before = layer_of(probe).weight.to_vector<double>();
  const Rows inputs = columns_of(probe, y, 0); // [9, 2]
  const Eigen::Map<const Rows> moved(weights.data(), 2, 9);
  const Eigen::Map<const Rows> given(before.data(), 2, 9);
  const Rows change = moved - given;
  const Rows within = (inputs * inputs.colPivHouseholderQr().solve(change.transpose())).transpose();
  CHECK(change.norm() > 0);
  CHECK((change - within).norm() < 1e-3 * change.norm());
}

namespace {

LayerProblem with_element(const LayerProblem& seen, std::size_t at, double element) {
  LayerProblem changed = seen;
  auto gram = seen.gram.to_vector<double>();
  gram[at] = element;
  changed.gram = TensorView::owning(std::move(gram), seen.gram.extents());
  return changed;
}

} // namespace

TEST_CASE("a Gram matrix that is none is refused by layer and group", "[statistics][targets]") {
  const Case probe{30, 1, 9, {}};
  const auto x = floats(slow::inputs(probe, 1));
  const auto y = floats(slow::inputs(probe, 2));
  const auto seen = seen_problem(probe, y);
  const auto targets = gather(probe, x, y, 30);
  const auto indefinite = with_element(with_element(seen, 1, 1e6), 9, 1e6); // [0, 1] and [1, 0]
  CHECK_THROWS_AS(targets.retarget(indefinite, 1e-2), NumericalError);
  CHECK_THROWS_WITH(targets.retarget(indefinite, 1e-2),
                    Contains("layer 'probe', group 0") && Contains("not positive definite"));
  for (const double element : {-1e6, std::nan(""), HUGE_VAL}) {
    const auto broken = with_element(seen, 10, element); // [1, 1]
    CHECK_THROWS_AS(targets.retarget(broken, 1e-2), NumericalError);
    CHECK_THROWS_WITH(targets.retarget(broken, 1e-2), Contains("element [1, 1]") &&
                                                          Contains("layer 'probe', group 0") &&
                                                          Contains("squares"));
  }
}

TEST_CASE("columns that see nothing keep their weights, and do not dilute the damping",
          "[statistics][targets]") {
  const Case probe{20, 2, 4, {}};
  const auto x = floats(slow::inputs(probe, 1));
  auto y = floats(slow::inputs(probe, 2));
  for (std::size_t i = 0; i < y.size(); i += 4)
    y[i] = 0;
  const auto seen = seen_problem(probe, y);
  REQUIRE(seen.gram[0][1][1].to_vector<double>().front() > 0);
  const auto after = gather(probe, x, y, 20).retarget(seen, 0.05).weight.to_vector<double>();
  const Rows w = rows_of(layer_of(probe).weight[0]);
  const Rows dense = columns_of(probe, x, 0);
  const Rows pruned = columns_of(probe, y, 0).bottomRows(3);
  const double factor = 2.0 / 20;
  const Rows h = factor * pruned * pruned.transpose();
  const Rows damped = h + 0.05 * h.trace() / 3 * Rows::Identity(3, 3);
  const Rows difference = factor * w * dense * pruned.transpose() - w.rightCols(3) * h;
  const Rows expected = w.rightCols(3) + difference * damped.inverse();
  for (Eigen::Index r = 0; r < w.rows(); ++r) {
    CHECK(after[static_cast<std::size_t>(4 * r)] == w(r, 0));
    for (Eigen::Index c = 0; c < 3; ++c)
      CHECK(std::abs(after[static_cast<std::size_t>(4 * r + c + 1)] - expected(r, c)) < 1e-5);
  }
}

TEST_CASE("inputs that do not go together are refused by name", "[statistics][targets]") {
  const Case probe{2, 1, 3, {}};
  const auto x = floats(slow::inputs(probe, 1));
  TargetAccumulator accumulator(layer_of(probe), {});
  CHECK_THROWS_WITH(accumulator.add(view_of(probe, x, 0, 2), view_of(probe, x, 0, 1)),
                    Contains("layer 'probe'") && Contains("[2, 3]") && Contains("[1, 3]"));
  CHECK_THROWS_AS(accumulator.add(view_of(probe, x, 0, 2), view_of(probe, x, 0, 1)), ShapeMismatch);
  CHECK_THROWS_WITH(TargetAccumulator(layer_of(probe), {}).finish(),
                    Contains("no input of layer 'probe' was seen"));
  accumulator.add(view_of(probe, x, 0, 2), view_of(probe, x, 0, 2));
  const Case tokens{2, 1, 3, {4}};
  const auto more = view_of(tokens, floats(slow::inputs(tokens, 1)), 0, 2);
  CHECK_THROWS_AS(accumulator.add(more, more), ShapeMismatch);
  CHECK_THROWS_WITH(accumulator.add(more, more), Contains("layer 'probe'") && Contains("[2, 4, 3]") &&
                                                     Contains("[2, 3]") &&
                                                     Contains("an accumulator of their own"));
  const auto in_double = TensorView::owning(std::vector<double>(6), std::vector<std::int64_t>{2, 3});
  CHECK_THROWS_AS(accumulator.add(in_double, in_double), ShapeMismatch);
  CHECK_THROWS_WITH(accumulator.add(in_double, in_double), Contains("float64 inputs after float32"));
  for (const bool in_dense : {true, false}) {
    auto broken = x;
    broken[4] = std::numeric_limits<float>::infinity();
    TargetAccumulator untouched(layer_of(probe), {});
    const auto dense = view_of(probe, in_dense ? broken : x, 0, 2);
    const auto seen = view_of(probe, in_dense ? x : broken, 0, 2);
    CHECK_THROWS_AS(untouched.add(dense, seen), NumericalError);
    CHECK_THROWS_WITH(untouched.add(dense, seen),
                      "statistics: the input of layer 'probe' holds the value inf in copy 1, channel 1");
    CHECK_THROWS_WITH(std::move(untouched).finish(), Contains("no input of layer 'probe' was seen"));
  }
  Layer shared = layer_of(probe);
  shared.uses = 2;
  CHECK_THROWS_AS(TargetAccumulator(shared, {}), InvalidArgument);
  CHECK_THROWS_WITH(
      TargetAccumulator(shared, {}),
      "targets: layer 'probe' has 2 uses; targets are those of one, so give the layer with uses = 1");
  GramAccumulator::Options negative;
  negative.positions_per_column = -1;
  CHECK_THROWS_AS(TargetAccumulator(layer_of(probe), negative), InvalidArgument);

  const Case wider{2, 1, 4, {}};
  const auto other = seen_problem(wider, floats(slow::inputs(wider, 1)));
  CHECK_THROWS_AS(gather(probe, x, x, 2).retarget(other, 1e-2), ShapeMismatch);
  CHECK_THROWS_WITH(gather(probe, x, x, 2).retarget(other, 1e-2),
                    Contains("[1, 2, 3]") && Contains("[1, 4, 4]"));
}
