// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/pruners/magnitude.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>
#include <vector>

#include "linalg/kernels.hpp"
#include "pruners/problem_check.hpp"
#include "pruners/refit_layer.hpp"

namespace spade::pruners {
namespace {

template <class T> LayerSolution prune_layer(const LayerProblem& problem, std::int64_t removed) {
  auto weight = problem.weight.to_vector<T>();
  std::vector<T> size(weight.size());
  std::transform(weight.begin(), weight.end(), size.begin(), [](T w) { return std::abs(w); });
  const T threshold =
      linalg::kernels<T>().threshold(static_cast<std::int64_t>(size.size()), size.data(), removed);
  auto equal_left = removed - std::count_if(size.begin(), size.end(), [&](T s) { return s < threshold; });
  for (std::size_t i = 0; i < weight.size(); ++i) {
    if (size[i] < threshold || (size[i] == threshold && equal_left-- > 0)) weight[i] = T{0};
  }
  return solution_of(problem, std::move(weight));
}

} // namespace

Magnitude::Magnitude(Options options) : options_(options) {
  check_damping("Magnitude", options_.damping);
}

LayerSolution Magnitude::prune(const LayerProblem& problem, double sparsity) const {
  const auto start = std::chrono::steady_clock::now();
  const auto extents = check_weight("Magnitude", problem, sparsity);
  if (options_.refit) check_gram("Magnitude", problem, extents);
  const std::int64_t removed = exact_count(sparsity, extents.size());
  if (removed == 0) return options_.refit ? all_or_nothing(problem, 0.0) : unchanged(problem);
  auto solution = problem.weight.scalar_type() == ScalarType::Float32 ? prune_layer<float>(problem, removed)
                                                                      : prune_layer<double>(problem, removed);
  if (options_.refit) solution = refit_layer("Magnitude", problem, solution, options_.damping);
  solution.report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return solution;
}

} // namespace spade::pruners
