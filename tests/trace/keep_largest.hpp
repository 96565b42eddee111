// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// A pruner of a few lines, so that a trace's tests do not rest on the solvers.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <spade/pruner.hpp>

namespace spade::test {

/// Keeps the weights with the largest w^2 H_cc, the first of equals.
struct KeepLargest {
  Statistics needs = Statistics::Full;

  [[nodiscard]] Statistics statistics() const { return needs; }
  [[nodiscard]] std::string name() const { return "keep largest"; }
  [[nodiscard]] LayerSolution prune(const LayerProblem& problem, double sparsity) const {
    auto weight = problem.weight.to_vector<double>();
    const auto gram = problem.gram.to_vector<double>();
    const auto columns = static_cast<std::size_t>(problem.weight.extent(2));
    std::vector<std::pair<double, std::size_t>> scores;
    for (std::size_t i = 0; i < weight.size(); ++i) {
      const std::size_t c = i % columns;
      const double norm = needs == Statistics::None   ? 1
                          : needs == Statistics::Full ? gram[c * columns + c]
                                                      : gram[c];
      scores.emplace_back(weight[i] * weight[i] * norm, i);
    }
    std::ranges::sort(scores);
    const auto zeros = static_cast<std::size_t>(sparsity * static_cast<double>(weight.size()));
    for (std::size_t i = 0; i < zeros; ++i)
      weight[scores[i].second] = 0;
    return {TensorView::owning(std::move(weight), problem.weight.extents()), {problem.name, sparsity}};
  }
};
static_assert(Pruner<KeepLargest>);

} // namespace spade::test
