// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// What a program that uses the solvers alone may look like: one layer of some framework, pruned.

#include <algorithm>
#include <iostream>
#include <vector>

#include <spade/core/rng.hpp>
#include <spade/pruners/fast.hpp>

int main() {
  const std::int64_t rows = 4, columns = 6, samples = 32;
  spade::RandomStream random(7, 0);
  std::vector<double> weight(rows * columns);
  for (double& w : weight)
    w = random.normal();
  std::vector<double> gram(columns * columns);
  for (std::int64_t n = 0; n < samples; ++n) {
    std::vector<double> x(columns);
    for (double& value : x)
      value = random.normal();
    for (std::int64_t i = 0; i < columns; ++i)
      for (std::int64_t j = 0; j < columns; ++j)
        gram[i * columns + j] += 2 * x[i] * x[j] / samples;
  }

  spade::LayerProblem problem;
  problem.name = "layer";
  problem.weight = spade::TensorView::owning(weight, std::vector<std::int64_t>{1, rows, columns});
  problem.gram = spade::TensorView::owning(gram, std::vector<std::int64_t>{1, columns, columns});
  problem.samples = samples;
  problem.positions = samples;
  const auto solution = spade::pruners::Fast{}.prune(problem, 0.5);

  const auto pruned = solution.weight.to_vector<double>();
  const auto zeros = std::count(pruned.begin(), pruned.end(), 0.0);
  const double error = solution.report.relative_error.value_or(-1);
  std::cout << zeros << " of " << pruned.size() << " weights are zero, relative error " << error << '\n';
  return zeros == rows * columns / 2 && error > 0 && error < 1 ? 0 : 1;
}
