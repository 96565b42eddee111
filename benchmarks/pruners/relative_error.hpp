// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include <spade/pruner.hpp>

namespace spade::benchmarks {

/// ||(W - Q) X||^2 / ||W X||^2 by the Gram matrix of X [C, C], in double; W and Q are [R, C].
inline double relative_error(const at::Tensor& weights, const at::Tensor& pruned, const at::Tensor& gram) {
  const auto energy = [&](const at::Tensor& w) {
    return (at::matmul(w.to(at::kDouble), gram) * w).sum().item<double>();
  };
  return energy(weights - pruned) / energy(weights);
}

/// The same for a solution of a layer of one group, on that problem's inputs.
inline double relative_error(const LayerProblem& problem, const LayerSolution& solution) {
  const auto matrix = [](const TensorView& view) {
    auto values = view.to_vector<double>();
    return at::from_blob(values.data(), {view.extent(0), view.extent(1)}, at::kDouble).clone();
  };
  return relative_error(matrix(problem.weight[0]), matrix(solution.weight[0]), matrix(problem.gram[0]));
}

} // namespace spade::benchmarks
