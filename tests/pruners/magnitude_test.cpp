// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/pruners/magnitude.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <catch2/catch.hpp>

#include <spade/core/error.hpp>

#include "pruners/problems.hpp"

using namespace spade::tests;
using spade::LayerProblem;
using spade::TensorView;
using spade::pruners::Magnitude;

TEMPLATE_TEST_CASE("magnitude removes exactly the smallest weights", "[pruners][magnitude]", float, double) {
  for (const auto& shape : {Extents{1, 1, 1}, Extents{1, 1, 2}, Extents{3, 5, 7}, Extents{1, 13, 97}}) {
    const auto problem = random_problem<TestType>(shape[0], shape[1], shape[2], 3);
    const auto given = problem.weight.template to_vector<double>();
    for (const double sparsity : {0.0, 0.1, 0.5, 0.95, 0.999, 1.0}) {
      CAPTURE(shape, sparsity);
      const auto solution = Magnitude().prune(problem, sparsity);
      const auto pruned = solution.weight.template to_vector<double>();
      const auto removed = std::llround(sparsity * static_cast<double>(given.size()));
      CHECK(zeros(solution.weight) == removed);
      CHECK(solution.report.sparsity ==
            Approx(static_cast<double>(removed) / static_cast<double>(given.size())));
      CHECK_FALSE(solution.report.relative_error.has_value());
      // The twin: sort, and cut.
      std::vector<double> sizes;
      for (const double w : given)
        sizes.push_back(std::abs(w));
      std::sort(sizes.begin(), sizes.end());
      for (std::size_t i = 0; i < given.size(); ++i) {
        const bool gone = removed > 0 && std::abs(given[i]) <= sizes[static_cast<std::size_t>(removed - 1)];
        CHECK(pruned[i] == (gone ? 0.0 : given[i]));
      }
    }
  }
}

TEST_CASE("of equal weights the first go first", "[pruners][magnitude]") {
  LayerProblem problem;
  problem.weight = TensorView::owning(std::vector<float>{2, -1, 1, 1, -1, 3}, Extents{1, 2, 3});
  CHECK(Magnitude().prune(problem, 0.5).weight.to_vector<float>() == std::vector<float>{2, 0, 0, 0, -1, 3});
  CHECK(Magnitude().prune(problem, 1.0 / 6).weight.to_vector<float>() ==
        std::vector<float>{2, 0, 1, 1, -1, 3});
}

TEST_CASE("sparsity 0 gives the weight itself", "[pruners][magnitude]") {
  const auto problem = random_problem<float>(1, 3, 4, 1);
  CHECK(Magnitude().prune(problem, 0.0).weight.data<float>() == problem.weight.data<float>());
}

TEST_CASE("magnitude refuses what it cannot prune", "[pruners][magnitude]") {
  auto problem = random_problem<float>(1, 2, 3, 1);
  problem.name = "fc";
  CHECK_THROWS_AS(Magnitude().prune(problem, 1.5), spade::InvalidArgument);
  CHECK_THROWS_WITH(Magnitude().prune(problem, -0.1),
                    "Magnitude: sparsity -0.1 for layer 'fc' is outside [0, 1]");
  CHECK_THROWS_WITH(Magnitude().prune(problem, std::nan("")),
                    "Magnitude: sparsity nan for layer 'fc' is outside [0, 1]");
  auto values = problem.weight.to_vector<float>();
  values[4] = std::numeric_limits<float>::infinity();
  problem.weight = TensorView::owning(values, Extents{1, 2, 3});
  CHECK_THROWS_AS(Magnitude().prune(problem, 0.5), spade::NumericalError);
  CHECK_THROWS_WITH(Magnitude().prune(problem, 0.5), "Magnitude: weight [0, 1, 1] of layer 'fc' is inf");
  problem.weight = TensorView::owning(values, Extents{2, 3});
  CHECK_THROWS_AS(Magnitude().prune(problem, 0.5), spade::ShapeMismatch);
  CHECK_THROWS_WITH(
      Magnitude().prune(problem, 0.5),
      "Magnitude: the weight of layer 'fc' has shape [2, 3], not [groups, rows, columns] with elements");
}
