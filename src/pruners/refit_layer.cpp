// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "pruners/refit_layer.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include <spade/core/error.hpp>
#include <spade/pruners/damping.hpp>

#include "linalg/damped_factor.hpp"
#include "pruners/problem_check.hpp"
#include "pruners/refit.hpp"

namespace spade::pruners {
namespace {

struct Damped {
  double damping;
  double scale;
  std::optional<linalg::Workspace<double>> inverse;
};

// What makes H' positive definite, and its inverse where that is wanted.
Damped damp(const TensorView& gram, const linalg::LiveColumns& live, double damping, bool invert,
            const std::string& context) {
  auto factor = linalg::factor_damped<double>(gram, live, damping, context);
  Damped damped{factor.damping, factor.scale, {}};
  if (invert) damped.inverse = linalg::inverse_of(std::move(factor));
  return damped;
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
    T* const pruned = result.data() + g * rows * columns;
    const auto h = damp(gram, live, damping, wants_inverse(live, rows, columns, pruned), context);
    const auto sums = refit(gram, live, h.damping, h.scale, h.inverse ? h.inverse->data() : nullptr,
                            problem.weight[g], pruned, context);
    const double shift = h.damping * live.mean * h.scale;
    error += std::max(0.0, sums.loss - shift * sums.distance) / h.scale;
    output += std::max(0.0, sums.output - shift * sums.weights) / h.scale;
    used = std::max(used, h.damping);
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
