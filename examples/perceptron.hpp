// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// A network of one's own: what spade asks of it, on Eigen matrices alone. The contract tests run it too.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <Eigen/Core>

#include <spade/core/rng.hpp>
#include <spade/core/target.hpp>
#include <spade/layer.hpp>
#include <spade/traceable_graph.hpp>

namespace perceptron {

/// A batch: one sample per row.
using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

inline spade::TensorView view_of(const Matrix& matrix, std::shared_ptr<const void> owner = nullptr) {
  return {matrix.data(), std::vector<std::int64_t>{matrix.rows(), matrix.cols()},
          std::vector<std::int64_t>{matrix.cols(), 1}, std::move(owner)};
}

/// y = W2 relu(W1 x + b), a model of spade::TraceableGraph.
class Perceptron {
public:
  using Tensor = Matrix;

  Perceptron(Matrix hidden, Eigen::VectorXd bias, Matrix output)
      : hidden_(std::make_shared<const Matrix>(std::move(hidden))),
        output_(std::make_shared<const Matrix>(std::move(output))),
        bias_(std::make_shared<const Eigen::VectorXd>(std::move(bias))) {
    list_layers();
  }

  static spade::TensorView view(const Matrix& matrix) { return view_of(matrix); }
  std::span<const spade::Layer> layers() const { return layers_; }

  Matrix forward(const Matrix& input) const {
    return forward(input, [](std::size_t, const spade::TensorView&) {});
  }

  /// Row by row, so that a sample's output has the same bits in a batch of any size.
  Matrix forward(const Matrix& input, const spade::LayerObserver& observer) const {
    observer(0, view(input));
    const Matrix hidden = apply(0, input);
    observer(1, view(hidden));
    return apply(1, hidden);
  }

  /// A forward pass that stops before each layer, for traces whose layers are pruned one after the other.
  struct Walk {
    Matrix value;               ///< what the next layer sees
    std::size_t next_layer = 0; ///< 2 at the end
    bool stopped = false;       ///< before that layer
  };

  Walk begin(const Matrix& input) const { return {input}; }

  std::optional<spade::LayerStop> advance(Walk& walk) const {
    if (walk.stopped) {
      walk.value = apply(walk.next_layer++, walk.value);
    }
    walk.stopped = walk.next_layer < layers_.size();
    if (!walk.stopped) return std::nullopt;
    return spade::LayerStop{walk.next_layer, view(walk.value)};
  }

  /// The same network with other weights; what is not replaced is shared.
  Perceptron with_weights(std::span<const spade::LayerWeight> weights) const {
    Perceptron result = *this;
    for (const auto& [layer, weight] : weights) {
      const auto elements = weight.to_vector<double>();
      auto& replaced = layer == 0 ? result.hidden_ : result.output_;
      replaced = std::make_shared<const Matrix>(
          Eigen::Map<const Matrix>(elements.data(), replaced->rows(), replaced->cols()));
    }
    result.list_layers();
    return result;
  }

  /// d output[target] / d input, row by row.
  Matrix gradient(const Matrix& input, const std::vector<std::int64_t>& target) const {
    Matrix result(input.rows(), input.cols());
    for (Eigen::Index n = 0; n < input.rows(); ++n) {
      const Eigen::VectorXd before = *hidden_ * input.row(n).transpose() + *bias_;
      const Eigen::VectorXd open = (before.array() > 0).cast<double>();
      const auto row = output_->row(target[static_cast<std::size_t>(n)]).transpose();
      result.row(n) = (hidden_->transpose() * open.cwiseProduct(row)).transpose();
    }
    return result;
  }

private:
  /// One layer, and what follows it.
  Matrix apply(std::size_t layer, const Matrix& input) const {
    const Matrix& weight = layer == 0 ? *hidden_ : *output_;
    Matrix output(input.rows(), weight.rows());
    for (Eigen::Index n = 0; n < input.rows(); ++n)
      output.row(n) = (weight * input.row(n).transpose()).transpose();
    if (layer == 0) output = (output.rowwise() + bias_->transpose()).cwiseMax(0.0);
    return output;
  }

  void list_layers() { layers_ = {layer("hidden", hidden_), layer("output", output_)}; }

  /// A dense layer is one group of rows by columns without a window.
  static spade::Layer layer(std::string name, const std::shared_ptr<const Matrix>& weight) {
    const std::vector<std::int64_t> extents{1, weight->rows(), weight->cols()};
    const std::vector<std::int64_t> strides{weight->size(), weight->cols(), 1};
    return {std::move(name), spade::TensorView(weight->data(), extents, strides, weight), {}, 1};
  }

  std::shared_ptr<const Matrix> hidden_;
  std::shared_ptr<const Matrix> output_;
  std::shared_ptr<const Eigen::VectorXd> bias_;
  std::vector<spade::Layer> layers_;
};

/// One row to explain.
class Row {
public:
  explicit Row(Matrix input) : input_(std::move(input)) {}
  const Matrix& input() const { return input_; }

private:
  Matrix input_;
};

/// A model of spade::Augmenter: copies with Gaussian noise, copy k from stream k.
struct Noise {
  double deviation = 0.1;

  Matrix operator()(const Row& sample, std::int64_t count, spade::Rng& rng) const {
    Matrix copies = sample.input().replicate(count, 1);
    for (std::int64_t k = 0; k < count; ++k) {
      spade::RandomStream stream = rng.next();
      for (auto& value : copies.row(k))
        value += deviation * stream.normal();
    }
    return copies;
  }
  std::string name() const { return "noise"; }
};

/// A model of spade::Interpreter for this graph: gradient times input.
struct GradientTimesInput {
  Matrix attribute(const Perceptron& graph, const Matrix& input, const spade::Target& target) const {
    const auto indices = target.per_sample(input.rows(), graph.layers()[1].rows());
    return graph.gradient(input, indices).cwiseProduct(input);
  }
  std::string name() const { return "gradient times input"; }
};

} // namespace perceptron
