// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <spade/core/error.hpp>
#include <spade/linalg/multiply.hpp>
#include <spade/linalg/solve_rows.hpp>
#include <spade/statistics/target_accumulator.hpp>

#include "linalg/damped_factor.hpp"

namespace spade::statistics {
namespace {

void check(const LayerProblem& seen, const TensorView& moments) {
  const auto expected = moments.extents();
  const std::vector<std::int64_t> gram{expected[0], expected[2], expected[2]};
  if (!std::ranges::equal(seen.weight.extents(), expected) ||
      !std::ranges::equal(seen.gram.extents(), gram)) {
    throw ShapeMismatch(message("targets of layer '", seen.name, "': the moments are ", shape_text(expected),
                                " [G, R, C], the weight ", shape_text(seen.weight.extents()),
                                ", the Gram matrix ", shape_text(seen.gram.extents())));
  }
}

// Columns count as dead by their diagonal element, which must not be there by mistake.
void check_diagonal(const LayerProblem& seen, std::int64_t group, const std::vector<double>& gram,
                    std::int64_t n) {
  for (std::int64_t c = 0; c < n; ++c) {
    const double element = gram[static_cast<std::size_t>(c * n + c)];
    if (element >= 0 && std::isfinite(element)) continue;
    throw NumericalError(message("targets: element [", c, ", ", c, "] of the Gram matrix of layer '",
                                 seen.name, "', group ", group, ", is ", element,
                                 "; a sum of squares is not"));
  }
}

// weights += difference (H + damping mean I)^-1 on the live columns, [rows, columns] both.
void add_solution(const LayerProblem& seen, std::int64_t group, double damping,
                  const std::vector<double>& difference, std::int64_t rows, double* weights) {
  const auto live = linalg::live_columns(seen.gram[group]);
  const auto n = static_cast<std::int64_t>(live.index.size());
  if (n == 0) return; // this group sees nothing, so its weights do not matter
  const auto columns = static_cast<std::int64_t>(difference.size()) / rows;
  const auto factor = linalg::factor_damped<double>(
      seen.gram[group], live, damping,
      message("targets: the Gram matrix of layer '", seen.name, "', group ", group));
  std::vector<double> solution; // the factor has the columns in reverse order
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = n; c-- > 0;) {
      const std::int64_t at = r * columns + live.index[static_cast<std::size_t>(c)];
      solution.push_back(factor.scale * difference[static_cast<std::size_t>(at)]);
    }
  }
  linalg::solve_rows<double>(factor.lower(), {solution.data(), rows, n, n});
  auto next = solution.begin();
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = n; c-- > 0;)
      weights[r * columns + live.index[static_cast<std::size_t>(c)]] += *next++;
  }
}

} // namespace

LayerProblem Targets::retarget(const LayerProblem& seen, double damping) const {
  check(seen, moments);
  const std::int64_t rows = moments.extent(1);
  const std::int64_t n = moments.extent(2);
  const auto weights = seen.weight.to_vector<double>();
  auto result = weights;
  for (std::int64_t g = 0; g < moments.extent(0); ++g) {
    const auto gram = seen.gram[g].to_vector<double>();
    check_diagonal(seen, g, gram, n);
    auto difference = moments[g].to_vector<double>(); // B - W H
    const double* given = weights.data() + g * rows * n;
    linalg::multiply_add<double>(-1.0, {given, rows, n, n, 1}, {gram.data(), n, n, n, 1},
                                 {difference.data(), rows, n, n});
    add_solution(seen, g, damping, difference, rows, result.data() + g * rows * n);
  }
  LayerProblem problem = seen;
  if (seen.weight.scalar_type() == ScalarType::Float32) {
    problem.weight = TensorView::owning(std::vector<float>(result.begin(), result.end()), moments.extents());
  } else {
    problem.weight = TensorView::owning(std::move(result), moments.extents());
  }
  return problem;
}

// ||W X - W' Y||^2 = ||W X||^2 - 2 <W', B> + <W' H, W'>, all times 2/n.
double Targets::relative_error(const LayerProblem& seen, const TensorView& solution) const {
  check(seen, moments);
  if (squared_norm == 0) return 0;
  const std::int64_t rows = moments.extent(1);
  const std::int64_t n = moments.extent(2);
  double error = squared_norm;
  for (std::int64_t g = 0; g < moments.extent(0); ++g) {
    const auto gram = seen.gram[g].to_vector<double>();
    const auto moment = moments[g].to_vector<double>();
    const auto weight = solution[g].to_vector<double>();
    std::vector<double> image(weight.size());
    linalg::multiply_add<double>(1.0, {weight.data(), rows, n, n, 1}, {gram.data(), n, n, n, 1},
                                 {image.data(), rows, n, n});
    for (std::size_t i = 0; i < weight.size(); ++i)
      error += weight[i] * (image[i] - 2 * moment[i]);
  }
  return std::max(0.0, error) / squared_norm;
}

} // namespace spade::statistics
