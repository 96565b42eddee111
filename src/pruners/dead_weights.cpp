// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "pruners/dead_weights.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "linalg/live_columns.hpp"
#include "pruners/problem_check.hpp"

namespace spade::pruners {

template <class T>
void remove_dead(const DeadColumns& dead, std::int64_t rows, std::int64_t columns, T* weights) {
  const bool all = dead.removed == static_cast<std::int64_t>(dead.index.size());
  std::vector<std::int64_t> order;
  for (std::int64_t r = 0; r < rows; ++r) {
    T* const row = weights + r * columns;
    if (all) {
      for (const auto c : dead.index)
        row[c] = T{0};
      continue;
    }
    order = dead.index;
    std::stable_sort(order.begin(), order.end(),
                     [row](auto a, auto b) { return std::abs(row[a]) < std::abs(row[b]); });
    std::for_each(order.begin(), order.begin() + dead.removed, [row](auto c) { row[c] = T{0}; });
  }
}

template <class T> LayerSolution without_smallest_dead(const LayerProblem& problem, std::int64_t count) {
  auto weights = problem.weight.to_vector<T>();
  const std::int64_t rows = problem.weight.extent(1);
  const std::int64_t columns = problem.weight.extent(2);
  std::vector<std::int64_t> dead;
  dead.reserve(weights.size());
  for (std::int64_t g = 0; g < problem.weight.extent(0); ++g) {
    const auto index = linalg::dead_columns(linalg::live_columns(problem.gram[g]), columns);
    for (std::int64_t r = 0; r < rows; ++r) {
      for (const auto c : index)
        dead.push_back((g * rows + r) * columns + c);
    }
  }
  std::nth_element(dead.begin(), dead.begin() + count, dead.end(), [&](std::int64_t a, std::int64_t b) {
    const T x = std::abs(weights[static_cast<std::size_t>(a)]);
    const T y = std::abs(weights[static_cast<std::size_t>(b)]);
    return x != y ? x < y : a < b;
  });
  std::for_each(dead.begin(), dead.begin() + count,
                [&](std::int64_t index) { weights[static_cast<std::size_t>(index)] = T{0}; });
  auto solution = solution_of(problem, std::move(weights));
  solution.report.relative_error = 0.0;
  return solution;
}

template void remove_dead<float>(const DeadColumns&, std::int64_t, std::int64_t, float*);
template void remove_dead<double>(const DeadColumns&, std::int64_t, std::int64_t, double*);
template LayerSolution without_smallest_dead<float>(const LayerProblem&, std::int64_t);
template LayerSolution without_smallest_dead<double>(const LayerProblem&, std::int64_t);

} // namespace spade::pruners
