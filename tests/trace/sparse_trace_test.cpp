// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// The whole trace on a graph that knows no LibTorch (examples/perceptron.hpp).
#include <spade/sparse_trace.hpp>

#include <catch2/catch.hpp>

#include "perceptron.hpp"

namespace {

using namespace spade;
using perceptron::GradientTimesInput;
using perceptron::Matrix;
using perceptron::Noise;
using perceptron::Perceptron;
using perceptron::Row;

static_assert(TraceableGraph<Perceptron>);
static_assert(Augmenter<Noise, Row>);
static_assert(Interpreter<GradientTimesInput, Perceptron>);

/// Keeps the largest squares of weight times input norm; the least that a pruner can be.
struct KeepLargest {
  Statistics needs = Statistics::Diagonal;
  Statistics statistics() const { return needs; }
  std::string name() const { return "keep largest"; }
  LayerSolution prune(const LayerProblem& problem, double sparsity) const {
    auto weight = problem.weight.to_vector<double>();
    const auto gram = problem.gram.to_vector<double>();
    const auto columns = static_cast<std::size_t>(problem.weight.extent(2));
    std::vector<std::pair<double, std::size_t>> score;
    for (std::size_t i = 0; i < weight.size(); ++i) {
      const std::size_t c = i % columns;
      const double norm = gram.empty() ? 1 : needs == Statistics::Full ? gram[c * columns + c] : gram[c];
      score.emplace_back(weight[i] * weight[i] * norm, i);
    }
    std::ranges::sort(score);
    const auto zeros = static_cast<std::size_t>(sparsity * static_cast<double>(weight.size()));
    for (std::size_t i = 0; i < zeros; ++i)
      weight[score[i].second] = 0;
    return {TensorView::owning(std::move(weight), problem.weight.extents()), {problem.name, sparsity}};
  }
};
static_assert(Pruner<KeepLargest>);

Perceptron random_network(std::int64_t inputs, std::int64_t hidden, std::int64_t classes) {
  RandomStream stream(3, 0);
  const auto draw = [&](std::int64_t rows, std::int64_t columns) {
    return Matrix(Matrix::NullaryExpr(rows, columns, [&] { return stream.normal(); }));
  };
  Matrix first = draw(hidden, inputs);
  Matrix bias = draw(hidden, 1);
  return {std::move(first), Eigen::VectorXd(bias.col(0)), draw(classes, hidden)};
}

TEST_CASE("a trace of a perceptron on Eigen", "[trace]") {
  const auto graph = random_network(7, 11, 3);
  const Row sample(Matrix::Constant(1, 7, 0.5));
  const SparseTrace trace{KeepLargest{}, Augmentation<Noise>{{}, 20, 5}, GradientTimesInput{},
                          SparsityPlan::uniform(0.5)};
  const auto explanation = trace(graph, sample, 1);
  CHECK(explanation.attribution.rows() == 1);
  CHECK(explanation.trace.layers.size() == 2);
}

} // namespace
