// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Saliency and InputXGradient, and what all methods ask of their arguments.
#include <limits>
#include <span>

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <catch2/catch.hpp>

#include <spade/core/error.hpp>
#include <spade/interpreter.hpp>
#include <spade/interpreters/input_x_gradient.hpp>
#include <spade/interpreters/integrated_gradients.hpp>
#include <spade/interpreters/occlusion.hpp>
#include <spade/interpreters/saliency.hpp>
#include <spade/layer_graph.hpp>
#include <spade/operator_graph.hpp>

#include "interpreters/toy_functions.hpp"

using namespace spade::interpreters;
using namespace spade::toys;
using spade::Target;

namespace {

struct NoGraph {
  using Tensor = at::Tensor;
};

/// What SparseTrace and the gradients need, and no more.
struct NoOperators {
  using Tensor = at::Tensor;
  static spade::TensorView view(const at::Tensor& tensor);
  std::span<const spade::Layer> layers() const;
  at::Tensor forward(const at::Tensor& input) const;
  at::Tensor forward(const at::Tensor& input, const spade::LayerObserver& observer) const;
  NoOperators with_weights(std::span<const spade::LayerWeight> weights) const;
};

static_assert(spade::DifferentiableGraph<spade::LayerGraph>);
static_assert(!spade::DifferentiableGraph<NoGraph>);
static_assert(spade::OperatorGraph<spade::LayerGraph>);
static_assert(!spade::OperatorGraph<NoGraph>);
static_assert(!spade::OperatorGraph<NoOperators> && spade::DifferentiableGraph<NoOperators>);
static_assert(spade::Interpreter<Saliency, spade::LayerGraph>);
static_assert(spade::Interpreter<InputXGradient, spade::LayerGraph>);
static_assert(spade::Interpreter<IntegratedGradients, spade::LayerGraph>);
static_assert(spade::Interpreter<Occlusion, spade::LayerGraph>);
static_assert(!spade::Interpreter<Saliency, NoGraph>);

} // namespace

TEST_CASE("the saliency of a linear network is its absolute weights", "[interpreters]") {
  const auto weight = normal({4, 6}, 1);
  const auto network = linear_network(weight, normal({4}, 2));
  const auto x = normal({3, 2, 3}, 3);

  const auto attribution = Saliency{}.attribute(network, x, {2, 0, 2});

  CHECK(at::equal(attribution[0], weight[2].abs().reshape({2, 3})));
  CHECK(at::equal(attribution[1], weight[0].abs().reshape({2, 3})));
  CHECK(at::equal(attribution[2], weight[2].abs().reshape({2, 3})));
}

TEST_CASE("the input times the gradient of a linear network sums to the score without its bias",
          "[interpreters]") {
  const auto weight = normal({4, 6}, 1);
  const auto bias = normal({4}, 2);
  const auto x = normal({3, 6}, 3);

  const auto attribution = InputXGradient{}.attribute(linear_network(weight, bias), x, 1);

  CHECK(at::allclose(attribution, x * weight[1]));
  CHECK(at::allclose(attribution.sum(1), linear_network(weight, bias)(x).select(1, 1) - bias[1]));
}

TEST_CASE("gradients equal central differences", "[interpreters]") {
  const auto network = perceptron(normal({5, 7}, 1), normal({3, 5}, 2));
  const auto x = normal({1, 7}, 3);
  const double step = 1e-5;

  const auto attribution = InputXGradient{}.attribute(network, x, 2);

  for (std::int64_t i = 0; i < 7; ++i) {
    auto shift = at::zeros_like(x);
    shift[0][i] = step;
    const auto slope = (network(x + shift) - network(x - shift))[0][2].item<double>() / (2 * step);
    CHECK(attribution[0][i].item<double>() == Approx(x[0][i].item<double>() * slope).epsilon(1e-6));
  }
}

TEST_CASE("a batch gives what its samples give", "[interpreters]") {
  const auto network = perceptron(normal({5, 7}, 1), normal({3, 5}, 2));
  const auto x = normal({4, 7}, 3);
  const std::vector<std::int64_t> targets{2, 0, 1, 2};

  const auto together = Saliency{}.attribute(network, x, Target(targets));

  for (std::int64_t n = 0; n < 4; ++n) {
    const auto alone = Saliency{}.attribute(network, x.narrow(0, n, 1), targets[static_cast<std::size_t>(n)]);
    CHECK(at::allclose(together.narrow(0, n, 1), alone, 1e-12, 1e-14));
  }
}

TEST_CASE("the caller's gradient mode and input stay as they are", "[interpreters]") {
  const auto network = perceptron(normal({5, 7}, 1), normal({3, 5}, 2));
  const auto x = normal({2, 7}, 3);
  const auto copy = x.clone();
  const auto expected = Saliency{}.attribute(network, x, 1);

  for (const bool enabled : {false, true}) {
    const c10::AutoGradMode mode(enabled);
    const auto attribution = Saliency{}.attribute(network, x, 1);
    CHECK(c10::GradMode::is_enabled() == enabled);
    CHECK(at::equal(attribution, expected));
    CHECK_FALSE(attribution.requires_grad());
    CHECK_FALSE(Occlusion{}.attribute(network, x, 1).requires_grad());
    CHECK(c10::GradMode::is_enabled() == enabled);
  }
  CHECK(at::equal(x, copy));
  CHECK_FALSE(x.requires_grad());
  CHECK_FALSE(x.grad().defined());

  auto wanting = x.clone().requires_grad_(true);
  CHECK(at::equal(Saliency{}.attribute(network, wanting, 1), expected));
  CHECK_FALSE(IntegratedGradients{}.attribute(network, wanting, 1).requires_grad());
  CHECK_FALSE(wanting.grad().defined());
  CHECK(wanting.requires_grad());
}

TEST_CASE("an input made in inference mode can be explained there", "[interpreters]") {
  const auto w = normal({5, 7}, 1);
  const auto v = normal({3, 5}, 2);
  const auto expected = Saliency{}.attribute(perceptron(w, v), normal({2, 7}, 3), 1);

  const c10::InferenceMode inference;
  const auto x = normal({2, 7}, 3);

  CHECK(at::equal(Saliency{}.attribute(perceptron(w, v), x, 1), expected));
  CHECK(Occlusion{}.attribute(perceptron(w, v), x, 1).sizes() == x.sizes());
  CHECK(IntegratedGradients{}.attribute(perceptron(w, v), x, 1).sizes() == x.sizes());
}

TEST_CASE("an output that ignores the input has no saliency", "[interpreters]") {
  const ForwardFunction constant = [](const at::Tensor& x) { return at::ones({x.size(0), 3}, at::kDouble); };
  CHECK(at::equal(Saliency{}.attribute(constant, normal({2, 5}, 1), 0), at::zeros({2, 5}, at::kDouble)));
}

TEST_CASE("arguments that make no sense are refused by every method", "[interpreters]") {
  const auto network = linear_network(normal({4, 6}, 1), normal({4}, 2));
  const auto x = normal({2, 6}, 3);
  const auto broken = at::where(x > x.max() - 1e-9, std::numeric_limits<double>::quiet_NaN(), x);
  const ForwardFunction deep = [&](const at::Tensor& input) { return network(input).unsqueeze(2); };
  const ForwardFunction infinite = [&](const at::Tensor& input) { return network(input) / 0; };
  using Catch::Contains;

  const auto check = [&](const auto& method) {
    INFO(method.name());
    CHECK_THROWS_AS(method.attribute(network, x, 4), spade::InvalidArgument);
    CHECK_THROWS_WITH(method.attribute(network, x, 4), Contains("class 4") && Contains("4 outputs"));
    CHECK_THROWS_WITH(method.attribute(network, x, -1), Contains("class -1"));
    CHECK_THROWS_AS(method.attribute(network, x, {0, 1, 2}), spade::ShapeMismatch);
    CHECK_THROWS_AS(method.attribute(network, broken, 0), spade::NumericalError);
    CHECK_THROWS_WITH(method.attribute(network, broken, 0),
                      Contains("not finite") && Contains(method.name()));
    CHECK_THROWS_WITH(method.attribute(network, at::ones({2, 6}, at::kLong), 0), Contains("floating point"));
    CHECK_THROWS_WITH(method.attribute(network, at::Tensor(), 0), Contains("undefined"));
    CHECK_THROWS_WITH(method.attribute(network, at::empty({0, 6}, at::kDouble), 0), Contains("[0, 6]"));
    CHECK_THROWS_WITH(method.attribute(network, at::ones({6}, at::kDouble), 0), Contains("[6]"));
    CHECK_THROWS_AS(method.attribute(deep, x, 0), spade::ShapeMismatch);
    CHECK_THROWS_WITH(method.attribute(deep, x, 0), Contains("[N, classes]"));
    CHECK_THROWS_AS(method.attribute(infinite, x, 0), spade::NumericalError);
  };
  check(Saliency{});
  check(InputXGradient{});
  check(IntegratedGradients{});
  check(Occlusion{});
}
