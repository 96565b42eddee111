// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Layer problems to prune, and what to measure of the solutions.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <Eigen/Dense>

#include <spade/core/tensor_view.hpp>
#include <spade/pruner.hpp>

#include "support/random_matrix.hpp"

namespace spade::tests {

using Dense = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Extents = std::vector<std::int64_t>;

/// H = 2/n X X^T of correlated, non-negative inputs, as behind a ReLU; positive semi-definite of rank <=
/// positions.
inline Dense relu_gram(std::int64_t columns, std::int64_t positions, std::uint64_t seed) {
  const auto noise = random_matrix<double>(columns, positions, seed);
  const auto mix = random_matrix<double>(columns, columns, seed + 1);
  const Eigen::Map<const Dense> x(noise.data(), columns, positions);
  const Eigen::Map<const Dense> a(mix.data(), columns, columns);
  const Dense inputs = (x + a * x / std::sqrt(static_cast<double>(columns))).cwiseMax(0.0);
  return 2.0 / static_cast<double>(positions) * inputs * inputs.transpose();
}

template <class T> TensorView tensor(const std::vector<Dense>& groups) {
  std::vector<T> elements;
  for (const auto& group : groups) {
    for (Eigen::Index i = 0; i < group.size(); ++i)
      elements.push_back(static_cast<T>(group.data()[i]));
  }
  return TensorView::owning(std::move(elements), Extents{static_cast<std::int64_t>(groups.size()),
                                                         groups[0].rows(), groups[0].cols()});
}

inline Dense random_dense(std::int64_t rows, std::int64_t columns, std::uint64_t seed) {
  const auto values = random_matrix<double>(rows, columns, seed);
  return Eigen::Map<const Dense>(values.data(), rows, columns);
}

/// A problem of G groups with random weights and ReLU-like inputs; four positions for each column.
template <class T>
LayerProblem random_problem(std::int64_t groups, std::int64_t rows, std::int64_t columns, std::uint64_t seed,
                            std::int64_t columns_per_channel = 1) {
  std::vector<Dense> weights;
  std::vector<Dense> grams;
  for (std::int64_t g = 0; g < groups; ++g) {
    const auto stream = seed + 10 * static_cast<std::uint64_t>(g);
    weights.push_back(random_dense(rows, columns, stream));
    grams.push_back(relu_gram(columns, 4 * columns + 8, stream + 1));
  }
  return {.name = "layer",
          .weight = tensor<T>(weights),
          .gram = tensor<T>(grams),
          .samples = 1,
          .positions = 4 * columns + 8,
          .columns_per_channel = columns_per_channel};
}

/// Makes columns of a Gram matrix dead: what they see is always zero.
inline void make_dead(Dense& gram, const std::vector<Eigen::Index>& columns) {
  for (const auto c : columns) {
    gram.row(c).setZero();
    gram.col(c).setZero();
  }
}

/// The problem with another Gram matrix for its one group.
inline LayerProblem with_gram(const LayerProblem& problem, const Dense& gram) {
  auto changed = problem;
  changed.gram = tensor<double>({gram});
  return changed;
}

inline Dense matrix(const TensorView& view) {
  const auto values = view.to_vector<double>();
  return Eigen::Map<const Dense>(values.data(), view.extent(0), view.extent(1));
}

inline std::int64_t zeros(const TensorView& view) {
  std::int64_t count = 0;
  for (const double value : view.to_vector<double>())
    count += value == 0.0 ? 1 : 0;
  return count;
}

/// tr((W - Q) H (W - Q)^T) summed over groups.
inline double layer_error(const LayerProblem& problem, const TensorView& pruned) {
  double error = 0;
  for (std::int64_t g = 0; g < problem.weight.extent(0); ++g) {
    const Dense d = matrix(problem.weight[g]) - matrix(pruned[g]);
    error += (d * matrix(problem.gram[g])).cwiseProduct(d).sum();
  }
  return error;
}

} // namespace spade::tests
