// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/pruners/random.hpp>

#include <cmath>
#include <vector>

#include <catch2/catch.hpp>

#include <spade/core/error.hpp>

#include "pruners/problems.hpp"

using namespace spade::tests;
using spade::pruners::Random;

TEMPLATE_TEST_CASE("random removes the exact count and keeps the rest", "[pruners][random]", float, double) {
  for (const auto& shape : {Extents{1, 1, 1}, Extents{1, 2, 1}, Extents{3, 5, 7}, Extents{1, 13, 97}}) {
    const auto problem = random_problem<TestType>(shape[0], shape[1], shape[2], 3);
    const auto given = problem.weight.template to_vector<TestType>();
    for (const double sparsity : {0.0, 0.1, 0.5, 0.95, 1.0}) {
      CAPTURE(shape, sparsity);
      const auto solution = Random().prune(problem, sparsity);
      CHECK(zeros(solution.weight) == std::llround(sparsity * static_cast<double>(given.size())));
      const auto pruned = solution.weight.template to_vector<TestType>();
      for (std::size_t i = 0; i < given.size(); ++i)
        CHECK((pruned[i] == 0 || pruned[i] == given[i]));
    }
  }
}

TEST_CASE("every weight is removed with the same probability", "[pruners][random]") {
  auto problem = random_problem<float>(1, 2, 4, 5);
  std::vector<int> removed(8);
  const int trials = 4000;
  for (int trial = 0; trial < trials; ++trial) {
    Random::Options options;
    options.seed = static_cast<std::uint64_t>(trial);
    const auto pruned = Random(options).prune(problem, 0.375).weight.to_vector<float>();
    for (std::size_t i = 0; i < 8; ++i)
      removed[i] += pruned[i] == 0.0F ? 1 : 0;
  }
  // Five standard deviations of a binomial.
  for (const int count : removed)
    CHECK(std::abs(count - 0.375 * trials) < 5 * std::sqrt(trials * 0.375 * 0.625));
}

TEST_CASE("the layer's name and the seed choose, nothing else", "[pruners][random]") {
  auto problem = random_problem<float>(1, 6, 8, 5);
  const auto first = Random().prune(problem, 0.5).weight.to_vector<float>();
  CHECK(Random().prune(problem, 0.5).weight.to_vector<float>() == first);
  problem.name = "another layer";
  CHECK(Random().prune(problem, 0.5).weight.to_vector<float>() != first);
  problem.name = "layer";
  Random::Options options;
  options.seed = 1;
  CHECK(Random(options).prune(problem, 0.5).weight.to_vector<float>() != first);
}

TEST_CASE("random refuses what it cannot prune", "[pruners][random]") {
  auto problem = random_problem<float>(1, 2, 3, 1);
  CHECK_THROWS_AS(Random().prune(problem, 2.0), spade::InvalidArgument);
  CHECK_THROWS_WITH(Random().prune(problem, 2.0), "Random: sparsity 2 for layer 'layer' is outside [0, 1]");
  problem.weight = {};
  CHECK_THROWS_AS(Random().prune(problem, 0.5), spade::ShapeMismatch);
  CHECK_THROWS_WITH(
      Random().prune(problem, 0.5),
      "Random: the weight of layer 'layer' has shape [], not [groups, rows, columns] with elements");
}
