// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// The least that satisfies each contract: what compiles with these needs nothing but the contract.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <spade/augmenter.hpp>
#include <spade/interpreter.hpp>
#include <spade/layer.hpp>
#include <spade/pruner.hpp>
#include <spade/sparse_trace.hpp>
#include <spade/traceable_graph.hpp>

namespace spade::archetypes {

/// A tensor of which nothing is known but that it can be copied: no default constructor, no comparison, no
/// arithmetic.
class Tensor {
public:
  Tensor(std::vector<float> elements, std::vector<std::int64_t> shape)
      : view_(TensorView::owning(std::move(elements), shape)) {}
  [[nodiscard]] const TensorView& view() const { return view_; }

private:
  TensorView view_;
};

/// One linear layer, y = W x; no default constructor, no comparison.
class Graph {
public:
  using Tensor = archetypes::Tensor;

  explicit Graph(Layer layer) : layers_{std::move(layer)} {}

  [[nodiscard]] static TensorView view(const Tensor& tensor) { return tensor.view(); }
  [[nodiscard]] std::span<const Layer> layers() const { return layers_; }
  [[nodiscard]] Tensor forward(const Tensor& input) const {
    return forward(input, [](std::size_t, const TensorView&) {});
  }
  [[nodiscard]] Tensor forward(const Tensor& input, const LayerObserver& observer) const {
    observer(0, input.view());
    const auto weight = layers_[0].weight.to_vector<float>();
    const auto x = input.view().to_vector<float>();
    const std::int64_t samples = input.view().extent(0);
    const std::int64_t rows = layers_[0].rows();
    const std::int64_t columns = layers_[0].columns();
    std::vector<float> y(static_cast<std::size_t>(samples * rows));
    for (std::int64_t i = 0; i < samples * rows * columns; ++i) {
      const std::int64_t n = i / (rows * columns);
      y[static_cast<std::size_t>(i / columns)] += weight[static_cast<std::size_t>(i % (rows * columns))] *
                                                  x[static_cast<std::size_t>(n * columns + i % columns)];
    }
    return {std::move(y), {samples, rows}};
  }
  [[nodiscard]] Graph with_weights(std::span<const LayerWeight> weights) const {
    Layer layer = layers_[0];
    if (!weights.empty()) layer.weight = weights[0].weight;
    return Graph(std::move(layer));
  }

private:
  std::vector<Layer> layers_;
};

class Sample {
public:
  explicit Sample(Tensor input) : input_(std::move(input)) {}
  [[nodiscard]] const Tensor& input() const { return input_; }

private:
  Tensor input_;
};

/// Copies the sample; no default constructor.
class Augmenter {
public:
  explicit Augmenter(int) {}
  Tensor operator()(const Sample& sample, std::int64_t count, Rng& rng) const {
    const auto once = sample.input().view().to_vector<float>();
    std::vector<float> copies;
    for (std::int64_t k = 0; k < count; ++k) {
      (void)rng.next();
      copies.insert(copies.end(), once.begin(), once.end());
    }
    return {std::move(copies), {count, static_cast<std::int64_t>(once.size())}};
  }
  [[nodiscard]] const char* name() const { return "archetype"; }
};

/// Sets the first weights to zero; no default constructor.
class Pruner {
public:
  explicit Pruner(int) {}
  [[nodiscard]] Statistics statistics() const { return Statistics::Full; }
  [[nodiscard]] const char* name() const { return "archetype"; }
  [[nodiscard]] LayerSolution prune(const LayerProblem& problem, double sparsity) const {
    auto weight = problem.weight.to_vector<float>();
    const auto zeros = static_cast<std::size_t>(sparsity * static_cast<double>(weight.size()));
    for (std::size_t i = 0; i < zeros; ++i)
      weight[i] = 0;
    return {TensorView::owning(std::move(weight), problem.weight.extents()), {problem.name, sparsity}};
  }
};

/// Returns its input; no default constructor.
class Interpreter {
public:
  explicit Interpreter(int) {}
  [[nodiscard]] Tensor attribute(const Graph&, const Tensor& input, const Target&) const { return input; }
  [[nodiscard]] const char* name() const { return "archetype"; }
};

} // namespace spade::archetypes
