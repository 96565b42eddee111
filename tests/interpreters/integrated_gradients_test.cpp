// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/interpreters/integrated_gradients.hpp>

#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

#include <spade/core/error.hpp>

#include "interpreters/toy_functions.hpp"

using namespace spade::interpreters;
using namespace spade::toys;

TEST_CASE("quadratures are exact on the polynomials they promise", "[interpreters]") {
  for (const std::int64_t count : {1, 2, 3, 7, 50}) {
    const auto rule = Quadrature::gauss_legendre(count);
    REQUIRE(rule.points.size() == static_cast<std::size_t>(count));
    for (std::int64_t degree = 0; degree < 2 * count; ++degree) {
      double integral = 0;
      for (std::size_t k = 0; k < rule.points.size(); ++k) {
        integral += rule.weights[k] * std::pow(rule.points[k], static_cast<double>(degree));
      }
      CHECK(integral == Approx(1 / (static_cast<double>(degree) + 1)).epsilon(1e-13));
    }
    for (std::size_t k = 1; k < rule.points.size(); ++k)
      CHECK(rule.points[k - 1] < rule.points[k]);
  }
  const auto two = Quadrature::midpoint(2);
  CHECK(two.points == std::vector<double>{0.25, 0.75});
  CHECK(two.weights == std::vector<double>{0.5, 0.5});
  CHECK_THROWS_WITH(Quadrature::gauss_legendre(0), Catch::Contains("0 points"));
  CHECK_THROWS_AS(Quadrature::midpoint(-1), spade::InvalidArgument);
}

TEST_CASE("integrated gradients of a linear network are exact with one step", "[interpreters]") {
  const auto weight = normal({3, 4}, 1);
  const auto x = normal({2, 4}, 2);
  const auto x0 = normal({1, 4}, 3);

  const auto attribution =
      IntegratedGradients({.steps = 1, .baseline = x0}).attribute(linear_network(weight, {}), x, 2);

  CHECK(at::allclose(attribution, (x - x0) * weight[2], 1e-12, 1e-14));
}

TEST_CASE("integrated gradients equal a fine sum over the way", "[interpreters]") {
  // f_t(x) = sum_j V[t, j] tanh(W[j] x), so d f_t / d x_i = sum_j V[t, j] (1 - tanh^2(W[j] x)) W[j, i].
  const auto w = normal({5, 7}, 1);
  const auto v = normal({3, 5}, 2);
  const auto x = normal({7}, 3);
  const auto x0 = normal({7}, 4);
  const int parts = 20000;
  auto sum = at::zeros({7}, at::kDouble);
  for (int k = 0; k < parts; ++k) {
    const auto point = x0 + (k + 0.5) / parts * (x - x0);
    sum += ((v[1] * (1 - at::tanh(at::mv(w, point)).square())).unsqueeze(1) * w).sum(0);
  }
  const auto expected = (x - x0) * sum / parts;

  const auto attribution =
      IntegratedGradients({.baseline = x0.unsqueeze(0)}).attribute(perceptron(w, v), x.unsqueeze(0), 1)[0];

  CHECK(at::allclose(attribution, expected, 1e-7, 1e-9));
}

TEST_CASE("integrated gradients are complete", "[interpreters]") {
  const auto network = perceptron(normal({5, 12}, 1), normal({3, 5}, 2));
  const auto x = normal({4, 3, 4}, 3);
  const auto other = normal({4, 3, 4}, 4);

  for (const auto& baseline : {at::Tensor(), other}) {
    const IntegratedGradients fine({.baseline = baseline});
    const auto attribution = fine.attribute(network, x, {0, 1, 2, 0});
    const auto gap = fine.completeness_gap(network, x, {0, 1, 2, 0}, attribution);
    CHECK(gap.sizes() == at::IntArrayRef({4}));
    CHECK(gap.abs().max().item<double>() < 1e-8);

    const IntegratedGradients coarse(
        {.steps = 2, .rule = IntegratedGradients::Rule::Midpoint, .baseline = baseline});
    const auto rough = coarse.attribute(network, x, {0, 1, 2, 0});
    CHECK(coarse.completeness_gap(network, x, {0, 1, 2, 0}, rough).abs().max().item<double>() > 1e-4);
  }
}

TEST_CASE("the size of a pass changes rounding only, and a batch gives its samples' bits", "[interpreters]") {
  const auto network = perceptron(normal({5, 7}, 1), normal({3, 5}, 2));
  const auto x = normal({3, 7}, 3);
  const auto expected = IntegratedGradients{}.attribute(network, x, {1, 2, 0});

  for (const std::int64_t batch : {1, 7, 49, 50, 51}) {
    CHECK(at::allclose(IntegratedGradients({.batch = batch}).attribute(network, x, {1, 2, 0}), expected,
                       1e-12, 1e-14));
  }
  CHECK(at::equal(IntegratedGradients{}.attribute(network, x.narrow(0, 1, 1), 2), expected.narrow(0, 1, 1)));
  CHECK(at::equal(IntegratedGradients{}.attribute(network, x, {1, 2, 0}), expected));
}

TEST_CASE("options of integrated gradients that make no sense are refused", "[interpreters]") {
  const auto network = linear_network(normal({3, 4}, 1), {});
  const auto x = normal({2, 4}, 2);
  using Catch::Contains;
  CHECK_THROWS_AS(IntegratedGradients({.steps = 0}), spade::InvalidArgument);
  CHECK_THROWS_WITH(IntegratedGradients({.batch = 0}), Contains("batches of 0"));
  const auto infinity = at::full({1, 4}, std::numeric_limits<double>::infinity());
  CHECK_THROWS_AS(IntegratedGradients({.baseline = infinity}), spade::NumericalError);
  const IntegratedGradients misfit({.baseline = at::zeros({3, 4}, at::kDouble)});
  CHECK_THROWS_AS(misfit.attribute(network, x, 0), spade::ShapeMismatch);
  CHECK_THROWS_WITH(misfit.attribute(network, x, 0), Contains("[3, 4]") && Contains("[2, 4]"));
  CHECK_THROWS_AS(IntegratedGradients{}.completeness_gap(network, x, 0, at::zeros({2, 3})),
                  spade::ShapeMismatch);
}
