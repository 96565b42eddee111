// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// A pass for statistics runs no further than to the last layer that needs them.
#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <catch2/catch.hpp>

#include <spade/sparse_trace.hpp>

#include "perceptron.hpp"
#include "trace/keep_largest.hpp"
#include "trace/small_perceptron.hpp"

namespace {

using namespace spade;
using Catch::Matchers::Contains;
using perceptron::Matrix;
using test::row;

/// Four layers, "first", "shared", "middle" and "last", the second of them applied before and after the
/// third; each rectified. It cannot stop on its way.
class Chain {
public:
  using Tensor = Matrix;
  static constexpr std::array<std::size_t, 5> order{0, 1, 2, 1, 3};

  Chain() {
    RandomStream stream(3, 0);
    const std::array<std::pair<std::int64_t, std::int64_t>, 4> shapes{{{9, 7}, {9, 9}, {9, 9}, {3, 9}}};
    const std::array names{"first", "shared", "middle", "last"};
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      std::vector<double> elements(static_cast<std::size_t>(shapes[i].first * shapes[i].second));
      std::ranges::generate(elements, [&] { return stream.normal(); });
      const std::vector<std::int64_t> extents{1, shapes[i].first, shapes[i].second};
      layers_.push_back({names[i], TensorView::owning(std::move(elements), extents), {}, i == 1 ? 2 : 1});
    }
  }

  static TensorView view(const Matrix& matrix) { return perceptron::view_of(matrix); }
  std::span<const Layer> layers() const { return layers_; }

  Matrix forward(const Matrix& input) const {
    return forward(input, [](std::size_t, const TensorView&) {});
  }
  Matrix forward(const Matrix& input, const LayerObserver& observer) const {
    Matrix value = input;
    for (const std::size_t layer : order) {
      observer(layer, view(value));
      value = apply(layer, value);
    }
    return value;
  }
  Chain with_weights(std::span<const LayerWeight> weights) const {
    Chain result = *this;
    for (const auto& [layer, weight] : weights)
      result.layers_[layer].weight = weight;
    return result;
  }

protected:
  Matrix apply(std::size_t layer, const Matrix& input) const {
    const auto& weight = layers_[layer].weight;
    const auto elements = weight.to_vector<double>();
    const Eigen::Map<const Matrix> matrix(elements.data(), weight.extent(1), weight.extent(2));
    return (input * matrix.transpose()).cwiseMax(0.0);
  }

private:
  std::vector<Layer> layers_;
};
static_assert(TraceableGraph<Chain> && !SteppableGraph<Chain>);

/// The same, which can stop, and keeps a record of the layers that its walks run.
struct Stopping : Chain {
  std::shared_ptr<std::vector<std::size_t>> ran = std::make_shared<std::vector<std::size_t>>();
  std::size_t steps = order.size(); ///< uses before which it stops; all

  struct Walk {
    Matrix value;
    std::size_t next = 0; ///< in the order
    bool stopped = false;
  };
  Walk begin(const Matrix& input) const { return {input}; }
  std::optional<LayerStop> advance(Walk& walk) const {
    if (walk.stopped) {
      const std::size_t layer = order[walk.next++];
      walk.value = apply(layer, walk.value);
      ran->push_back(layer);
    }
    walk.stopped = walk.next < steps;
    if (!walk.stopped) return std::nullopt;
    return LayerStop{order[walk.next], view(walk.value)};
  }
  Stopping with_weights(std::span<const LayerWeight> weights) const {
    return {Chain::with_weights(weights), ran, steps};
  }
};
static_assert(SteppableGraph<Stopping>);

constexpr std::int64_t copies = 37; // three blocks

auto spade_of(const SparsityPlan& plan, const TraceOptions& options = {}) {
  return SparseTrace{test::KeepLargest{}, Augmentation<perceptron::Noise>{{0.3}, copies, 5},
                     perceptron::GradientTimesInput{}, plan, options};
}

std::vector<double> weights(const Chain& graph) {
  std::vector<double> all;
  for (const auto& layer : graph.layers()) {
    const auto elements = layer.weight.to_vector<double>();
    all.insert(all.end(), elements.begin(), elements.end());
  }
  return all;
}

/// So many times.
std::vector<std::size_t> repeated(const std::vector<std::size_t>& of, int times) {
  std::vector<std::size_t> all;
  for (int i = 0; i < times; ++i)
    all.insert(all.end(), of.begin(), of.end());
  return all;
}

} // namespace

TEST_CASE("a pass ends at the last layer that needs statistics", "[trace]") {
  struct Expected {
    SparsityPlan plan;
    std::vector<std::size_t> ran; ///< by one walk
  };
  const auto dense = SparsityPlan::uniform(0);
  const auto uniform = SparsityPlan::uniform(0.6);
  const std::vector<Expected> cases{
      {dense.layer("first", 0.6), {}},         {dense.layer("middle", 0.6), {0, 1}},
      {dense.layer("shared", 0.6), {0, 1, 2}}, // seen in both uses
      {uniform.dense("last"), {0, 1, 2}},      {uniform, {0, 1, 2, 1}},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    CAPTURE(i);
    const Stopping graph;
    const auto trace = spade_of(cases[i].plan).prune(graph, row());
    CHECK(*graph.ran == repeated(cases[i].ran, 3));
    CHECK(weights(trace.graph()) == weights(spade_of(cases[i].plan).prune(Chain(), row()).graph()));
    CHECK(weights(trace.graph()) != weights(graph));
  }
}

TEST_CASE("each of several passes ends at its own last layer", "[trace]") {
  const auto plan = SparsityPlan::uniform(0.6);
  TraceOptions options;
  options.statistics_bytes = 0;
  const Stopping graph;
  for (const auto& layer : graph.layers()) {
    options.statistics_bytes =
        std::max(options.statistics_bytes, statistics::GramAccumulator::bytes(layer, Statistics::Full));
  }
  const auto trace = spade_of(plan, options).prune(graph, row());
  const auto of_pass = [](const std::vector<std::size_t>& ran) { return repeated(ran, 3); };
  std::vector<std::size_t> expected;
  for (const auto& pass : {of_pass({}), of_pass({0, 1, 2}), of_pass({0, 1, 2, 1})})
    expected.insert(expected.end(), pass.begin(), pass.end());
  CHECK(trace.provenance.passes == 3); // the last two layers share one
  CHECK(*graph.ran == expected);
  CHECK(weights(trace.graph()) == weights(spade_of(plan).prune(Chain(), row()).graph()));
}

TEST_CASE("a walk that ends before it has shown each use is refused", "[trace]") {
  Stopping graph;
  graph.steps = 2;
  const auto plan = SparsityPlan::uniform(0).layer("shared", 0.6);
  CHECK_THROWS_AS(spade_of(plan).prune(graph, row()), InvalidArgument);
  CHECK_THROWS_WITH(spade_of(plan).prune(graph, row()),
                    Contains("layer 'shared' 1 times") && Contains("Layer::uses is 2"));
}
