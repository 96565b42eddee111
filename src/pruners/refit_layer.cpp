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

struct Used {
  double damping;
  double scale;
};

// What makes H' positive definite; the factor itself is not needed, for each row has its own.
Used damping_for(const TensorView& gram, const linalg::LiveColumns& live, double damping,
                 const std::string& context) {
  const auto factor = linalg::factor_damped<double>(gram, live, damping, context);
  return {factor.damping, factor.scale};
}

template <class T>
LayerSolution refit_all(const std::string& pruner, const LayerProblem& problem, const LayerSolution& masked,
                        double damping) {
  const std::int64_t rows = problem.weight.extent(1);
  const std::int64_t columns = problem.weight.extent(2);
  auto result = masked.weight.to_vector<T>();
  double error = 0;
  double output = 0;
  double used = 0;
  for (std::int64_t g = 0; g < problem.weight.extent(0); ++g) {
    const TensorView gram = problem.gram[g];
    const auto live = linalg::live_columns(gram);
    if (live.index.empty()) continue;
    const auto context = message(pruner, ": the Gram matrix of layer '", problem.name, "', group ", g);
    const auto [shift_of_mean, scale] = damping_for(gram, live, damping, context);
    const auto sums = refit(gram, live, shift_of_mean, scale, problem.weight[g],
                            result.data() + g * rows * columns, context);
    const double shift = shift_of_mean * live.mean * scale;
    error += std::max(0.0, sums.loss - shift * sums.distance) / scale;
    output += std::max(0.0, sums.output - shift * sums.weights) / scale;
    used = std::max(used, shift_of_mean);
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
