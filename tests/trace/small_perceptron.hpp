// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// A perceptron of seven inputs and three classes with random weights, and a row to explain.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "perceptron.hpp"

namespace spade::test {

inline perceptron::Perceptron network(std::int64_t hidden = 11, std::uint64_t seed = 3) {
  using perceptron::Matrix;
  RandomStream stream(seed, 0);
  const auto draw = [&](std::int64_t rows, std::int64_t columns) {
    return Matrix(Matrix::NullaryExpr(rows, columns, [&] { return stream.normal(); }));
  };
  Matrix first = draw(hidden, 7);
  const Matrix bias = draw(hidden, 1);
  return {std::move(first), Eigen::VectorXd(bias.col(0)), draw(3, hidden)};
}

inline perceptron::Row row() {
  return perceptron::Row(perceptron::Matrix::NullaryExpr(
      1, 7, [](Eigen::Index, Eigen::Index i) { return 0.3 * static_cast<double>(i) - 1; }));
}

/// The weights of all layers, one after another.
inline std::vector<double> weights(const perceptron::Perceptron& graph) {
  std::vector<double> all;
  for (const auto& layer : graph.layers()) {
    const auto elements = layer.weight.to_vector<double>();
    all.insert(all.end(), elements.begin(), elements.end());
  }
  return all;
}

} // namespace spade::test
