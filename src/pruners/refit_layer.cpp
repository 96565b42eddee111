// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "pruners/refit_layer.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <spade/core/error.hpp>
#include <spade/pruners/damping.hpp>

#include "linalg/damped_factor.hpp"
#include "pruners/problem_check.hpp"
#include "pruners/refit.hpp"

namespace spade::pruners {
namespace {

template <class T>
std::vector<double> live_part(const std::vector<T>& weights, std::int64_t first_row, std::int64_t rows,
                              std::int64_t columns, const linalg::LiveColumns& live) {
  std::vector<double> part;
  for (std::int64_t r = first_row; r < first_row + rows; ++r) {
    for (const auto c : live.index)
      part.push_back(static_cast<double>(weights[static_cast<std::size_t>(r * columns + c)]));
  }
  return part;
}

template <class T>
LayerSolution refit_all(const std::string& pruner, const LayerProblem& problem, const LayerSolution& masked,
                        double damping) {
  const std::int64_t rows = problem.weight.extent(1);
  const std::int64_t columns = problem.weight.extent(2);
  const auto given = problem.weight.to_vector<T>();
  auto result = masked.weight.to_vector<T>();
  double error = 0;
  double output = 0;
  double used = 0;
  for (std::int64_t g = 0; g < problem.weight.extent(0); ++g) {
    const TensorView gram = problem.gram[g];
    const auto live = linalg::live_columns(gram);
    const auto n = static_cast<std::int64_t>(live.index.size());
    if (n == 0) continue;
    const auto context = message(pruner, ": the Gram matrix of layer '", problem.name, "', group ", g);
    const auto factor = linalg::factor_damped<double>(gram, live, damping, context);
    const auto before = live_part(given, g * rows, rows, columns, live);
    auto after = live_part(result, g * rows, rows, columns, live);
    const auto sums = refit(gram, live, factor.damping, factor.scale, {before.data(), rows, n, n, 1},
                            {after.data(), rows, n, n}, context);
    for (std::int64_t r = 0; r < rows; ++r) {
      for (std::int64_t c = 0; c < n; ++c) {
        const std::int64_t at = (g * rows + r) * columns + live.index[static_cast<std::size_t>(c)];
        result[static_cast<std::size_t>(at)] = static_cast<T>(after[static_cast<std::size_t>(r * n + c)]);
      }
    }
    const double shift = factor.damping * live.mean * factor.scale;
    error += std::max(0.0, sums.loss - shift * sums.distance) / factor.scale;
    output += std::max(0.0, sums.output - shift * sums.weights) / factor.scale;
    used = std::max(used, factor.damping);
  }
  auto solution = solution_of(problem, std::move(result));
  solution.report.damping = used;
  solution.report.relative_error = output > 0 ? error / output : 0.0;
  return solution;
}

} // namespace

LayerSolution refit_layer(const std::string& pruner, const LayerProblem& problem, const LayerSolution& masked,
                          std::optional<double> damping) {
  const double first = damping.value_or(default_damping(problem.positions, problem.weight.extent(2)));
  return problem.weight.scalar_type() == ScalarType::Float32
             ? refit_all<float>(pruner, problem, masked, first)
             : refit_all<double>(pruner, problem, masked, first);
}

void check_damping(const std::string& pruner, const std::optional<double>& damping) {
  if (!damping || (*damping >= 0.0 && std::isfinite(*damping))) return;
  throw InvalidArgument(
      message(pruner, ": damping ", *damping, " is not a fraction of the mean diagonal; 0.01 is usual"));
}

} // namespace spade::pruners
