// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "pruners/refit.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include <catch2/catch.hpp>

#include <spade/pruners/exact.hpp>
#include <spade/pruners/fast.hpp>
#include <spade/pruners/magnitude.hpp>

#include "linalg/damped_factor.hpp"
#include "pruners/nested_solver.hpp"
#include "pruners/problems.hpp"

using namespace spade::tests;
using spade::pruners::GroupError;
using spade::pruners::inverse_pays;
namespace linalg = spade::linalg;
namespace pruners = spade::pruners;

namespace {

// One group, its inverse, and a mask that leaves row r about share_of(r) of its weights.
class Group {
public:
  Group(std::int64_t rows, std::int64_t columns, double damping,
        const std::function<double(std::int64_t)>& share_of)
      : problem_(random_problem<double>(1, rows, columns, 71)), live_(linalg::live_columns(problem_.gram[0])),
        factor_(linalg::factor_damped<double>(problem_.gram[0], live_, damping, "a")),
        damping_(factor_.damping), scale_(factor_.scale), inverse_(linalg::inverse_of(std::move(factor_))),
        masked_(problem_.weight.to_vector<double>()) {
    const auto draws = random_matrix<double>(rows, columns, 72);
    for (std::size_t i = 0; i < masked_.size(); ++i) {
      const double uniform = 0.5 * std::erfc(draws[i] / std::sqrt(2.0));
      if (uniform > share_of(static_cast<std::int64_t>(i) / columns)) masked_[i] = 0.0;
    }
  }

  struct Result {
    std::vector<double> weights;
    GroupError error;
  };

  [[nodiscard]] Result refit(bool with_inverse) const {
    Result result{masked_, {}};
    result.error =
        pruners::refit(problem_.gram[0], live_, damping_, scale_, with_inverse ? inverse_.data() : nullptr,
                       problem_.weight[0], result.weights.data(), "a");
    return result;
  }

private:
  spade::LayerProblem problem_;
  linalg::LiveColumns live_;
  linalg::DampedFactor<double> factor_;
  double damping_;
  double scale_;
  linalg::Workspace<double> inverse_;
  std::vector<double> masked_;
};

double output(const spade::LayerProblem& problem) {
  const auto zero = std::vector<double>(static_cast<std::size_t>(problem.weight.size()));
  return layer_error(problem, spade::TensorView::owning(zero, problem.weight.extents()));
}

} // namespace

TEST_CASE("the inverse pays where rows keep most of their weights", "[pruners][refit]") {
  CHECK(inverse_pays(100, std::vector<std::int64_t>(10, 5)));
  CHECK(inverse_pays(100, std::vector<std::int64_t>(1000, 49)));
  CHECK_FALSE(inverse_pays(100, std::vector<std::int64_t>(1000, 50)));
  CHECK_FALSE(inverse_pays(100, std::vector<std::int64_t>(1000, 95)));
  CHECK_FALSE(inverse_pays(100, std::vector<std::int64_t>{5}));
  CHECK_FALSE(inverse_pays(1, std::vector<std::int64_t>{0}));
}

TEST_CASE("a refit through the removed weights is the one through the kept ones", "[pruners][refit]") {
  for (const double damping : {1e-1, 1e-2, 1e-4}) {
    CAPTURE(damping);
    const Group group(40, 60, damping, [](std::int64_t r) { return static_cast<double>(r + 1) / 40.0; });
    const auto kept = group.refit(false);
    const auto both = group.refit(true);
    double largest = 0;
    for (const double w : kept.weights)
      largest = std::max(largest, std::abs(w));
    for (std::size_t i = 0; i < kept.weights.size(); ++i) {
      CHECK(std::abs(kept.weights[i] - both.weights[i]) <= 1e-10 * largest);
      CHECK((kept.weights[i] == 0.0) == (both.weights[i] == 0.0));
    }
    CHECK(both.weights != kept.weights); // that way was taken
    CHECK(both.error.loss == Approx(kept.error.loss).epsilon(1e-10));
    CHECK(both.error.distance == Approx(kept.error.distance).epsilon(1e-10));
    CHECK(both.error.output == kept.error.output);
    CHECK(both.error.weights == kept.error.weights);
  }
}

TEST_CASE("rows that keep less than half do not use the inverse", "[pruners][refit]") {
  const Group group(40, 60, 1e-2, [](std::int64_t) { return 0.25; });
  const auto kept = group.refit(false);
  const auto both = group.refit(true);
  CHECK(kept.weights == both.weights);
  CHECK(kept.error.loss == both.error.loss);
}

TEST_CASE("the report's error of a refit is that of its weights at any sparsity", "[pruners][refit]") {
  const auto problem = random_problem<double>(2, 24, 40, 73);
  const double whole = output(problem);
  for (const double sparsity : {0.02, 0.1, 0.3, 0.5, 0.9}) {
    CAPTURE(sparsity);
    const auto magnitude = pruners::Magnitude{{.refit = true}}.prune(problem, sparsity);
    CHECK(magnitude.report.relative_error.value() ==
          Approx(layer_error(problem, magnitude.weight) / whole).epsilon(1e-9));
    const auto fast = pruners::Fast{{.refit = true}}.prune(problem, sparsity);
    CHECK(fast.report.relative_error.value() ==
          Approx(layer_error(problem, fast.weight) / whole).epsilon(1e-9));
  }
}

TEST_CASE("a group of several has the final weights of one alone", "[pruners][exact]") {
  const auto one = random_problem<float>(1, 16, 40, 74);
  auto twice = one;
  twice.weight = tensor<float>({matrix(one.weight[0]), matrix(one.weight[0])});
  twice.gram = tensor<double>({matrix(one.gram[0]), matrix(one.gram[0])});
  for (const double sparsity : {0.05, 0.25, 0.5, 0.9}) {
    CAPTURE(sparsity);
    const auto expected = pruners::Exact{}.prune(one, sparsity);
    const auto both = pruners::Exact{}.prune(twice, sparsity);
    CHECK(matrix(both.weight[0]) == matrix(expected.weight[0]));
    CHECK(matrix(both.weight[1]) == matrix(expected.weight[0]));
  }
}
