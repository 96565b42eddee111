// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/pruners/wanda.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>
#include <vector>

#include <spade/core/error.hpp>

#include "pruners/problem_check.hpp"
#include "pruners/refit_layer.hpp"

namespace spade::pruners {
namespace {

// Column norms [G, C], up to a factor that all share.
std::vector<double> column_norms(const LayerProblem& problem, const Extents& extents) {
  if (!problem.gram) {
    throw InvalidArgument(
        message("Wanda: layer '", problem.name, "' comes without column norms; gather Statistics::Diagonal"));
  }
  const auto& gram = problem.gram;
  const bool full = gram.rank() == 3;
  if (gram.rank() < 2 || gram.rank() > 3 || gram.extent(0) != extents.groups ||
      gram.extent(1) != extents.columns || (full && gram.extent(2) != extents.columns)) {
    throw ShapeMismatch(message("Wanda: the column norms of layer '", problem.name, "' have shape ",
                                shape_text(gram.extents()), "; its weight of shape ",
                                shape_text(problem.weight.extents()), " needs [", extents.groups, ", ",
                                extents.columns, "], or a whole Gram matrix"));
  }
  std::vector<double> norms;
  for (std::int64_t g = 0; g < extents.groups; ++g) {
    for (std::int64_t c = 0; c < extents.columns; ++c) {
      const TensorView element = full ? gram[g][c][c] : gram[g][c];
      const double square = element.to_vector<double>().front();
      if (!(square >= 0.0 && std::isfinite(square))) {
        throw NumericalError(message("Wanda: the squared norm of column ", c, " of layer '", problem.name,
                                     "', group ", g, ", is ", square));
      }
      norms.push_back(std::sqrt(square));
    }
  }
  return norms;
}

// Sets to zero those `count` of the weights [begin, end) whose scores are smallest, the first of equals
// first. @param score of a weight that is still there, by its index
template <class T, class Score>
void remove_smallest(std::vector<T>& weight, std::int64_t begin, std::int64_t end, std::int64_t count,
                     const Score& score) {
  if (count <= 0) return;
  std::vector<double> scores;
  scores.reserve(static_cast<std::size_t>(end - begin));
  for (std::int64_t i = begin; i < end; ++i)
    scores.push_back(score(i));
  const auto last = scores.begin() + (count - 1);
  std::nth_element(scores.begin(), last, scores.end());
  const double threshold = *last;
  std::int64_t equal = count - std::count_if(scores.begin(), last, [&](double s) { return s < threshold; });
  for (std::int64_t i = begin; i < end; ++i) {
    const double own = score(i);
    if (own < threshold || (own == threshold && equal-- > 0)) weight[static_cast<std::size_t>(i)] = T{0};
  }
}

template <class T>
LayerSolution prune_layer(const LayerProblem& problem, const Extents& extents, std::int64_t removed,
                          Wanda::Comparison comparison) {
  const auto norms = column_norms(problem, extents);
  auto weight = problem.weight.to_vector<T>();
  const auto score = [&](std::int64_t at) {
    const std::int64_t group = at / (extents.rows * extents.columns);
    const auto norm = static_cast<std::size_t>(group * extents.columns + at % extents.columns);
    return std::abs(static_cast<double>(weight[static_cast<std::size_t>(at)])) * norms[norm];
  };
  const std::int64_t rows = comparison == Wanda::Comparison::Layer ? 1 : extents.groups * extents.rows;
  const std::int64_t width = extents.size() / rows;
  std::int64_t given = 0;
  for (std::int64_t row = 0; row < rows; ++row) {
    // Rounding the running total leaves every row within one weight of its share, and the sum exact.
    const std::int64_t due =
        std::llround(static_cast<double>(removed) * static_cast<double>(row + 1) / static_cast<double>(rows));
    remove_smallest(weight, row * width, (row + 1) * width, due - given, score);
    given = due;
  }
  return solution_of(problem, std::move(weight));
}

} // namespace

Wanda::Wanda(Options options) : options_(options) {
  check_damping("Wanda", options_.damping);
}

LayerSolution Wanda::prune(const LayerProblem& problem, double sparsity) const {
  const auto start = std::chrono::steady_clock::now();
  const auto extents = check_weight("Wanda", problem, sparsity);
  if (options_.refit) check_gram("Wanda", problem, extents);
  const std::int64_t removed = exact_count(sparsity, extents.size());
  auto solution = problem.weight.scalar_type() == ScalarType::Float32
                      ? prune_layer<float>(problem, extents, removed, options_.comparison)
                      : prune_layer<double>(problem, extents, removed, options_.comparison);
  if (removed == 0) return options_.refit ? all_or_nothing(problem, 0.0) : unchanged(problem);
  if (options_.refit) solution = refit_layer("Wanda", problem, solution, options_.damping);
  solution.report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return solution;
}

} // namespace spade::pruners
