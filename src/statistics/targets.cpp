// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>
#include <vector>

#include <spade/core/error.hpp>
#include <spade/linalg/cholesky.hpp>
#include <spade/linalg/multiply.hpp>
#include <spade/linalg/solve_rows.hpp>
#include <spade/statistics/target_accumulator.hpp>

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

double mean_diagonal(const std::vector<double>& gram, std::int64_t n) {
  double mean = 0;
  for (std::int64_t i = 0; i < n; ++i)
    mean += gram[static_cast<std::size_t>(i * n + i)] / static_cast<double>(n);
  return mean;
}

// H + damping mean I, factored; empty where that fails, `damping` being what was tried last.
std::vector<double> damped_factor(const std::vector<double>& gram, std::int64_t n, double mean,
                                  double& damping) {
  std::vector<double> factor;
  for (int attempt = 0; attempt < 5; ++attempt) {
    if (attempt > 0) damping = damping == 0.0 ? 1e-4 : 10 * damping;
    factor = gram;
    for (std::int64_t i = 0; i < n; ++i)
      factor[static_cast<std::size_t>(i * n + i)] += damping * mean;
    if (linalg::factor_cholesky<double>({factor.data(), n, n, n}, 1e-15 * mean) == n) return factor;
  }
  return {};
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
    const double mean = mean_diagonal(gram, n);
    if (mean == 0) continue; // this group sees nothing, so its weights do not matter
    double used = damping;
    const auto factor = damped_factor(gram, n, mean, used);
    if (factor.empty()) {
      throw NumericalError(message("targets: the Gram matrix of layer '", seen.name, "', group ", g,
                                   ", is not positive definite even with ", used,
                                   " of its mean diagonal added; use more copies, or give more damping"));
    }
    auto difference = moments[g].to_vector<double>(); // B - W H, then times (H + lambda I)^-1
    const double* given = weights.data() + g * rows * n;
    const linalg::Matrix<double> target{difference.data(), rows, n, n};
    linalg::multiply_add<double>(-1.0, {given, rows, n, n, 1}, {gram.data(), n, n, n, 1}, target);
    linalg::solve_rows<double>({factor.data(), n, n, n, 1}, target);
    double* out = result.data() + g * rows * n;
    for (std::size_t i = 0; i < difference.size(); ++i)
      out[i] += difference[i];
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
