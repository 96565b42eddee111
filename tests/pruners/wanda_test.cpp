// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/pruners/wanda.hpp>

#include <algorithm>
#include <cmath>

#include <catch2/catch.hpp>

#include <spade/core/error.hpp>
#include <spade/pruners/magnitude.hpp>
#include <spade/pruners/random.hpp>

#include "pruners/problems.hpp"
#include "pruners/sparsegpt_twin.hpp"

using namespace spade::tests;
using spade::LayerProblem;
using spade::LayerSolution;
using spade::Statistics;
using spade::TensorView;
using spade::pruners::Magnitude;
using spade::pruners::Random;
using spade::pruners::Wanda;

namespace {

/// The same problem with the diagonal of its Gram matrices alone.
LayerProblem diagonal_only(const LayerProblem& problem) {
  auto changed = problem;
  std::vector<double> diagonal;
  for (std::int64_t g = 0; g < problem.gram.extent(0); ++g) {
    const Dense gram = matrix(problem.gram[g]);
    for (Eigen::Index c = 0; c < gram.cols(); ++c)
      diagonal.push_back(gram(c, c));
  }
  changed.gram =
      TensorView::owning(std::move(diagonal), Extents{problem.gram.extent(0), problem.gram.extent(1)});
  return changed;
}

Wanda over_the_layer() {
  Wanda::Options options;
  options.comparison = Wanda::Comparison::Layer;
  return Wanda(options);
}

} // namespace

TEMPLATE_TEST_CASE("wanda removes what contributes least", "[pruners][wanda]", float, double) {
  for (const auto& shape :
       {Extents{1, 1, 1}, Extents{1, 2, 1}, Extents{1, 1, 2}, Extents{3, 5, 7}, Extents{1, 13, 97}}) {
    const auto full = random_problem<TestType>(shape[0], shape[1], shape[2], 61);
    const auto problem = diagonal_only(full);
    for (const double sparsity : {0.0, 0.1, 0.5, 0.95, 1.0}) {
      CAPTURE(shape, sparsity);
      for (const auto& wanda : {Wanda(), over_the_layer()}) {
        const auto solution = wanda.prune(problem, sparsity);
        CHECK(zeros(solution.weight) == std::llround(sparsity * static_cast<double>(problem.weight.size())));
        CHECK(wanda.prune(full, sparsity).weight.template to_vector<TestType>() ==
              solution.weight.template to_vector<TestType>());
        // The twin: nothing that went contributes more than what stayed beside it.
        double layer_gone = 0;
        double layer_kept = 1e300;
        for (std::int64_t g = 0; g < shape[0]; ++g) {
          const Dense given = matrix(problem.weight[g]);
          const Dense pruned = matrix(solution.weight[g]);
          const Dense norms = matrix(full.gram[g]).diagonal().cwiseSqrt().transpose();
          for (Eigen::Index r = 0; r < given.rows(); ++r) {
            double gone = 0;
            double kept = 1e300;
            for (Eigen::Index c = 0; c < given.cols(); ++c) {
              const double score = std::abs(given(r, c)) * norms(0, c);
              CHECK((pruned(r, c) == 0.0 || pruned(r, c) == given(r, c)));
              (pruned(r, c) == 0.0 ? gone : kept) =
                  pruned(r, c) == 0.0 ? std::max(gone, score) : std::min(kept, score);
            }
            if (wanda.options().comparison == Wanda::Comparison::Row) CHECK(gone <= kept);
            layer_gone = std::max(layer_gone, gone);
            layer_kept = std::min(layer_kept, kept);
          }
        }
        if (wanda.options().comparison == Wanda::Comparison::Layer) CHECK(layer_gone <= layer_kept);
      }
    }
  }
}

TEST_CASE("rows of wanda give up equal shares", "[pruners][wanda]") {
  const auto problem = diagonal_only(random_problem<float>(2, 5, 7, 62));
  const auto solution = Wanda().prune(problem, 0.5);
  for (std::int64_t g = 0; g < 2; ++g) {
    const Dense pruned = matrix(solution.weight[g]);
    for (Eigen::Index r = 0; r < 5; ++r) {
      const auto gone = (pruned.row(r).array() == 0.0).count();
      CHECK((gone == 3 || gone == 4));
    }
  }
}

TEST_CASE("statistics are what each pruner needs", "[pruners][wanda][magnitude][random]") {
  Wanda::Options wanda;
  wanda.refit = true;
  Magnitude::Options magnitude;
  magnitude.refit = true;
  Random::Options random;
  random.refit = true;
  CHECK(Wanda().statistics() == Statistics::Diagonal);
  CHECK(Wanda(wanda).statistics() == Statistics::Full);
  CHECK(Magnitude().statistics() == Statistics::None);
  CHECK(Magnitude(magnitude).statistics() == Statistics::Full);
  CHECK(Random().statistics() == Statistics::None);
  CHECK(Random(random).statistics() == Statistics::Full);
}

TEST_CASE("a refit keeps the mask and gives the optimum on it", "[pruners][wanda][magnitude][random]") {
  const auto problem = random_problem<double>(2, 6, 30, 63);
  const auto check = [&](const LayerSolution& plain, const LayerSolution& refitted) {
    double error = 0;
    for (std::int64_t g = 0; g < 2; ++g) {
      const Dense mask = matrix(plain.weight[g]);
      const auto twin = least_squares_twin(matrix(problem.weight[g]), matrix(problem.gram[g]), 1e-2, mask);
      CHECK((matrix(refitted.weight[g]) - twin).norm() < 1e-9 * twin.norm());
      CHECK(((matrix(refitted.weight[g]).array() == 0.0) == (mask.array() == 0.0)).all());
    }
    error = layer_error(problem, refitted.weight);
    CHECK(error < layer_error(problem, plain.weight));
    CHECK(refitted.report.damping == 1e-2);
    CHECK(refitted.report.relative_error.value() ==
          Approx(error / layer_error(problem, Magnitude().prune(problem, 1.0).weight)).epsilon(1e-6));
  };
  Wanda::Options wanda;
  wanda.refit = true;
  check(Wanda().prune(problem, 0.7), Wanda(wanda).prune(problem, 0.7));
  Magnitude::Options magnitude;
  magnitude.refit = true;
  check(Magnitude().prune(problem, 0.7), Magnitude(magnitude).prune(problem, 0.7));
  Random::Options random;
  random.refit = true;
  check(Random().prune(problem, 0.7), Random(random).prune(problem, 0.7));
  // Where nothing goes, nothing is lost.
  CHECK(Wanda(wanda).prune(problem, 0.0).report.relative_error == 0.0);
  CHECK(Magnitude(magnitude).prune(problem, 1e-3).report.relative_error == 0.0);
  CHECK(Random(random).prune(problem, 0.0).report.relative_error == 0.0);
}

TEST_CASE("a refit leaves weights of dead columns as they are", "[pruners][magnitude]") {
  auto problem = random_problem<float>(1, 3, 6, 64);
  Dense gram = matrix(problem.gram[0]);
  make_dead(gram, {2});
  problem.gram = tensor<double>({gram});
  Magnitude::Options options;
  options.refit = true;
  const Dense plain = matrix(Magnitude().prune(problem, 0.5).weight[0]);
  const Dense refitted = matrix(Magnitude(options).prune(problem, 0.5).weight[0]);
  CHECK(refitted.col(2) == plain.col(2));
  problem.gram = tensor<double>({Dense::Zero(6, 6)});
  CHECK(matrix(Magnitude(options).prune(problem, 0.5).weight[0]) == plain);
}

TEST_CASE("wanda refuses what it cannot prune", "[pruners][wanda]") {
  auto problem = diagonal_only(random_problem<float>(1, 2, 3, 65));
  problem.name = "fc";
  CHECK_THROWS_AS(Wanda().prune(problem, 1.5), spade::InvalidArgument);
  CHECK_THROWS_WITH(Wanda().prune(problem, 1.5), "Wanda: sparsity 1.5 for layer 'fc' is outside [0, 1]");
  auto broken = problem;
  broken.gram = {};
  CHECK_THROWS_AS(Wanda().prune(broken, 0.5), spade::InvalidArgument);
  CHECK_THROWS_WITH(Wanda().prune(broken, 0.5),
                    "Wanda: layer 'fc' comes without column norms; gather Statistics::Diagonal");
  broken.gram = TensorView::owning(std::vector<float>(4), Extents{1, 4});
  CHECK_THROWS_AS(Wanda().prune(broken, 0.5), spade::ShapeMismatch);
  CHECK_THROWS_WITH(Wanda().prune(broken, 0.5),
                    "Wanda: the column norms of layer 'fc' have shape [1, 4]; its weight of shape [1, 2, 3] "
                    "needs [1, 3], or a whole Gram matrix");
  for (const float bad : {-1.0F, std::nanf(""), INFINITY}) {
    broken.gram = TensorView::owning(std::vector<float>{1, bad, 1}, Extents{1, 3});
    CHECK_THROWS_AS(Wanda().prune(broken, 0.5), spade::NumericalError);
    CHECK_THROWS_WITH(Wanda().prune(broken, 0.5),
                      Catch::StartsWith("Wanda: the squared norm of column 1 of layer 'fc', group 0, is "));
  }
  Wanda::Options options;
  options.refit = true;
  CHECK_THROWS_AS(Wanda(options).prune(problem, 0.5), spade::ShapeMismatch); // the diagonal does not suffice
  options.damping = -1.0;
  CHECK_THROWS_WITH(Wanda(options),
                    "Wanda: damping -1 is not a fraction of the mean diagonal; 0.01 is usual");
}
