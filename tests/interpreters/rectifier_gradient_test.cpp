// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// GuidedBackprop and Deconvolution.
#include <spade/interpreters/deconvolution.hpp>
#include <spade/interpreters/guided_backprop.hpp>

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <catch2/catch.hpp>

#include <spade/core/error.hpp>
#include <spade/interpreter.hpp>
#include <spade/interpreters/input_x_gradient.hpp>

#include "support/networks.hpp"

using namespace spade;
using interpreters::Deconvolution;
using interpreters::GuidedBackprop;
using support::load_network;
using support::normal;

static_assert(Interpreter<GuidedBackprop, LayerGraph>);
static_assert(Interpreter<Deconvolution, LayerGraph>);

namespace {

at::Tensor row(std::vector<double> values) {
  return at::tensor(values, at::kDouble).unsqueeze(0);
}

} // namespace

TEST_CASE("guided gradients pass where input and gradient are positive", "[interpreters]") {
  // Hidden units: active with positive weight, active with negative, idle with positive, idle with negative.
  const auto v = at::tensor({2.0, -3.0, 5.0, -7.0}, at::kDouble).unsqueeze(0);
  const auto x = row({1, 1, -1, -1});
  const auto graph =
      load_network({{"fc.weight", v}}, "return torch.linear(torch.relu(x), self.fc.weight)", x);

  CHECK(at::equal(GuidedBackprop{}.attribute(graph, x, 0), row({2, 0, 0, 0})));
  CHECK(at::equal(Deconvolution{}.attribute(graph, x, 0), row({2, 0, 5, 0})));
}

TEST_CASE("ReLU6 is a rectifier too", "[interpreters]") {
  const auto v = at::tensor({2.0, -3.0, 5.0, 7.0}, at::kDouble).unsqueeze(0);
  const auto x = row({1, 1, -1, 8});
  const auto graph =
      load_network({{"fc.weight", v}}, "return torch.linear(torch.hardtanh(x, 0.0, 6.0), self.fc.weight)", x);

  CHECK(at::equal(GuidedBackprop{}.attribute(graph, x, 0), row({2, 0, 0, 0})));
  CHECK(at::equal(Deconvolution{}.attribute(graph, x, 0), row({2, 0, 5, 7})));
}

TEST_CASE("a residual branch adds its guided gradient", "[interpreters]") {
  const auto w = normal({6, 6}, 1);
  const auto v = normal({3, 6}, 2);
  const auto x = normal({4, 6}, 3);
  const auto graph = load_network(
      {{"a.weight", w}, {"b.weight", v}},
      "y = torch.relu(x)\nreturn torch.linear(y + torch.relu(torch.linear(y, self.a.weight)), self.b.weight)",
      x);
  const std::vector<std::int64_t> targets{0, 1, 2, 0};

  const auto guided = GuidedBackprop{}.attribute(graph, x, Target(targets));
  const auto deconvolved = Deconvolution{}.attribute(graph, x, Target(targets));

  const auto y = x.clamp_min(0);
  const auto top = v.index_select(0, at::tensor(targets));
  const auto active = (at::linear(y, w) > 0).to(at::kDouble);
  CHECK(at::allclose(guided, (x > 0) * (top + at::mm(active * top.clamp_min(0), w)).clamp_min(0)));
  CHECK(at::allclose(deconvolved, (top + at::mm(top.clamp_min(0), w)).clamp_min(0)));
  for (std::int64_t n = 0; n < 4; ++n) {
    const auto alone =
        GuidedBackprop{}.attribute(graph, x.narrow(0, n, 1), targets[static_cast<std::size_t>(n)]);
    CHECK(at::allclose(guided.narrow(0, n, 1), alone, 1e-12, 1e-14));
  }
}

TEST_CASE("without rectifiers both are the gradient, in any gradient mode", "[interpreters]") {
  const auto w = normal({3, 6}, 1);
  const auto x = normal({2, 6}, 3);
  const auto graph = load_network({{"a.weight", w}}, "return torch.linear(x, self.a.weight)", x);

  for (const bool enabled : {false, true}) {
    const c10::AutoGradMode mode(enabled);
    CHECK(at::allclose(GuidedBackprop{}.attribute(graph, x, {2, 0}), w.index_select(0, at::tensor({2, 0}))));
    CHECK(at::allclose(Deconvolution{}.attribute(graph, x, {2, 0}), w.index_select(0, at::tensor({2, 0}))));
    CHECK(c10::GradMode::is_enabled() == enabled);
  }
  CHECK_FALSE(x.requires_grad());
}

TEST_CASE("activations that are no rectifiers are refused by name", "[interpreters]") {
  const auto x = normal({1, 4}, 1);
  using Catch::Contains;
  for (const std::string activation :
       {"torch.gelu(x)", "torch.sigmoid(x)", "torch.hardtanh(x)", "torch.leaky_relu(x, 0.1)"}) {
    const auto graph = load_network({}, "return " + activation, x);
    CHECK_THROWS_AS(GuidedBackprop{}.attribute(graph, x, 0), UnsupportedOperator);
    CHECK_THROWS_WITH(GuidedBackprop{}.attribute(graph, x, 0),
                      Contains("GuidedBackprop") && Contains("no rectifier"));
    CHECK_THROWS_WITH(Deconvolution{}.attribute(graph, x, 0),
                      Contains("Deconvolution") && Contains("no rectifier"));
  }
  const auto graph = load_network({}, "return torch.relu(x)", x);
  CHECK_THROWS_WITH(GuidedBackprop{}.attribute(graph, x, 4), Contains("class 4"));
  CHECK_THROWS_AS(Deconvolution{}.attribute(graph, x * NAN, 0), NumericalError);
}
