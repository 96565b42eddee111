// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Relevance through whole networks.
#include <spade/interpreters/lrp.hpp>

#include <limits>

#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <catch2/catch.hpp>

#include <spade/core/error.hpp>
#include <spade/interpreters/input_x_gradient.hpp>

#include "interpreters/dense_relevance.hpp"
#include "support/networks.hpp"

using namespace spade;
using interpreters::InputXGradient;
using interpreters::Lrp;
using support::load_network;
using support::normal;

namespace {

std::map<std::string, at::Tensor> with_norm(std::map<std::string, at::Tensor> parameters,
                                            const std::string& name, std::int64_t channels,
                                            std::uint64_t seed) {
  parameters[name + ".weight"] = normal({channels}, seed).abs() + 0.2;
  parameters[name + ".bias"] = normal({channels}, seed + 1);
  parameters[name + ".running_mean"] = normal({channels}, seed + 2);
  parameters[name + ".running_var"] = normal({channels}, seed + 3).square() + 0.3;
  return parameters;
}

std::string norm(const std::string& value, const std::string& name) {
  return "torch.batch_norm(" + value + ", self." + name + ".weight, self." + name + ".bias, self." + name +
         ".running_mean, self." + name + ".running_var, False, 0.1, 1e-5, False)";
}

/// Convolution, batch norm and max-pooling; a residual block; average pooling and a linear layer.
struct Residual {
  explicit Residual(bool biased = true) {
    parameters = {{"conv1.weight", normal({4, 2, 3, 3}, 1)},
                  {"conv2.weight", normal({4, 4, 3, 3}, 2) * 0.4},
                  {"conv3.weight", normal({4, 4, 1, 1}, 3)},
                  {"fc.weight", normal({3, 4}, 4)},
                  {"fc.bias", normal({3}, 5)}};
    parameters = with_norm(with_norm(with_norm(parameters, "bn1", 4, 10), "bn2", 4, 20), "bn3", 4, 30);
    if (!biased) {
      parameters["fc.bias"].zero_();
      for (const std::string name : {"bn1", "bn2", "bn3"}) {
        parameters[name + ".bias"].zero_();
        parameters[name + ".running_mean"].zero_();
      }
    }
  }

  [[nodiscard]] static std::string body() {
    return "y = " + norm("torch.conv2d(x, self.conv1.weight, None, [1, 1], [1, 1], [1, 1], 1)", "bn1") +
           "\n"
           "y = torch.max_pool2d(torch.relu(y), [2, 2], [2, 2], [0, 0], [1, 1], False)\n"
           "z = torch.relu(" +
           norm("torch.conv2d(y, self.conv2.weight, None, [1, 1], [1, 1], [1, 1], 1)", "bn2") +
           ")\n"
           "z = " +
           norm("torch.conv2d(z, self.conv3.weight, None, [1, 1], [0, 0], [1, 1], 1)", "bn3") +
           "\n"
           "y = torch.relu(y + z)\n"
           "y = torch.adaptive_avg_pool2d(y, [1, 1]).flatten(1)\n"
           "return torch.linear(y, self.fc.weight, self.fc.bias)";
  }

  /// Convolution and batch norm as one function.
  [[nodiscard]] at::Tensor affine(const at::Tensor& x, const std::string& conv, const std::string& bn,
                                  std::int64_t padding) const {
    const auto& p = parameters;
    return at::batch_norm(at::conv2d(x, p.at(conv + ".weight"), {}, 1, padding), p.at(bn + ".weight"),
                          p.at(bn + ".bias"), p.at(bn + ".running_mean"), p.at(bn + ".running_var"), false,
                          0.1, 1e-5, false);
  }

  std::map<std::string, at::Tensor> parameters;
};

/// Relevance of [1, 2, 6, 6] by dense matrices; rule(map, x, R) for the convolutions.
template <class Rule, class First>
at::Tensor residual_by_matrices(const Residual& net, const at::Tensor& x, std::int64_t target,
                                const Rule& rule, const First& first) {
  const auto conv1 =
      dense::matrix_of([&](const auto& v) { return net.affine(v, "conv1", "bn1", 1); }, x.sizes());
  const auto a1 = net.affine(x, "conv1", "bn1", 1).clamp_min(0);
  const auto [y1, winner] = at::max_pool2d_with_indices(a1, {2, 2}, {2, 2});
  const auto conv2 =
      dense::matrix_of([&](const auto& v) { return net.affine(v, "conv2", "bn2", 1); }, y1.sizes());
  const auto a2 = net.affine(y1, "conv2", "bn2", 1).clamp_min(0);
  const auto conv3 =
      dense::matrix_of([&](const auto& v) { return net.affine(v, "conv3", "bn3", 0); }, a2.sizes());
  const auto a3 = net.affine(a2, "conv3", "bn3", 0);
  const auto sum = y1 + a3;
  const auto y3 = sum.clamp_min(0);
  const auto pool = dense::matrix_of([](const auto& v) { return v.mean({2, 3}); }, y3.sizes());
  const auto y4 = y3.mean({2, 3});

  auto r = at::zeros({3}, at::kDouble);
  r[target] = 1;
  r = dense::epsilon({net.parameters.at("fc.weight"), net.parameters.at("fc.bias")}, y4, r);
  r = dense::epsilon(pool, y3, r).reshape(sum.sizes());
  const auto share = r / (sum + at::where(sum < 0, -1e-6, 1e-6));
  const auto r3 = rule(conv3, a2, (share * a3).flatten());
  const auto r1 = (rule(conv2, y1, r3) + (share * y1).flatten()).reshape({4, 9});
  const auto unpooled = at::zeros({4, 36}, at::kDouble).scatter_(1, winner.reshape({4, 9}), r1);
  return first(conv1, x, unpooled.flatten()).reshape(x.sizes());
}

} // namespace

TEST_CASE("composites through a residual network equal dense matrices", "[interpreters][lrp]") {
  const Residual net;
  const auto x = normal({1, 2, 6, 6}, 40);
  const auto graph = load_network(net.parameters, Residual::body(), x);
  const auto plus = [](const auto& map, const auto& v, const auto& r) {
    return dense::alpha_beta(map, v, r, 1, 0);
  };
  const auto alpha2 = [](const auto& map, const auto& v, const auto& r) {
    return dense::alpha_beta(map, v, r, 2, 1);
  };
  const auto gamma = [](const auto& map, const auto& v, const auto& r) {
    return dense::gamma(map, v, r, 0.25);
  };
  const auto box = [](const auto& map, const auto& v, const auto& r) {
    return dense::z_box(map, v, r, -5, 5);
  };
  const auto epsilon = [](const auto& map, const auto& v, const auto& r) {
    return dense::epsilon(map, v, r);
  };

  for (const std::int64_t target : {0, 2}) {
    const auto check = [&](const lrp::Composite& composite, const at::Tensor& expected) {
      INFO(composite.name() << ", target " << target);
      CHECK(at::allclose(Lrp(composite).attribute(graph, x, target), expected, 1e-7, 1e-9));
    };
    check(lrp::epsilon_plus(), residual_by_matrices(net, x, target, plus, plus));
    check(lrp::epsilon_alpha2_beta1(), residual_by_matrices(net, x, target, alpha2, alpha2));
    check(lrp::epsilon_gamma_box({-5, 5}), residual_by_matrices(net, x, target, gamma, box));
    check(lrp::epsilon(), residual_by_matrices(net, x, target, epsilon, epsilon));
  }
}

TEST_CASE("without biases the epsilon rule conserves the score", "[interpreters][lrp]") {
  const auto x = normal({3, 2, 6, 6}, 41);
  const auto graph = load_network(Residual(false).parameters, Residual::body(), x);

  const auto attribution = Lrp(lrp::epsilon(1e-14), Lrp::Start::Score).attribute(graph, x, {0, 1, 2});

  const auto scores = graph.forward(x).diagonal();
  CHECK(at::allclose(attribution.flatten(1).sum(1), scores, 1e-8, 1e-10));
  CHECK(at::allclose(Lrp(lrp::epsilon(1e-14)).attribute(graph, x, {0, 1, 2}).flatten(1).sum(1),
                     at::ones({3}, at::kDouble), 1e-8, 1e-10));
}

TEST_CASE("the epsilon rule tends to the input times the gradient", "[interpreters][lrp]") {
  const auto x = normal({2, 2, 6, 6}, 42);
  const auto graph = load_network(Residual().parameters, Residual::body(), x);

  const auto attribution = Lrp(lrp::epsilon(1e-14), Lrp::Start::Score).attribute(graph, x, {2, 0});

  CHECK(at::allclose(attribution, InputXGradient{}.attribute(graph, x, {2, 0}), 1e-7, 1e-9));
}

TEST_CASE("relevance is the same alone and in a batch, and the same bits twice", "[interpreters][lrp]") {
  const auto x = normal({3, 2, 6, 6}, 43);
  const auto copy = x.clone();
  const auto graph = load_network(Residual().parameters, Residual::body(), x);
  const auto output = graph.forward(x);
  const Lrp method(lrp::epsilon_plus());

  const auto together = method.attribute(graph, x, {2, 0, 1});

  for (std::int64_t n = 0; n < 3; ++n) {
    const auto alone = method.attribute(graph, x.narrow(0, n, 1),
                                        std::vector<std::int64_t>{2, 0, 1}[static_cast<std::size_t>(n)]);
    CHECK(at::allclose(together.narrow(0, n, 1), alone, 1e-12, 1e-14));
  }
  for (const bool enabled : {false, true}) {
    const c10::AutoGradMode mode(enabled);
    const auto again = method.attribute(graph, x, {2, 0, 1});
    CHECK(at::equal(again, together));
    CHECK_FALSE(again.requires_grad());
    CHECK(c10::GradMode::is_enabled() == enabled);
  }
  {
    const c10::InferenceMode inference;
    CHECK(at::equal(method.attribute(graph, x.clone(), {2, 0, 1}), together));
  }
  CHECK(at::equal(x, copy));
  CHECK_FALSE(x.requires_grad());
  CHECK(at::equal(graph.forward(x), output));
  for (const auto& [name, tensor] : Residual().parameters) {
    for (const auto& parameter : graph.program().parameters) {
      if (parameter.name == name) CHECK(at::equal(parameter.tensor, tensor));
    }
  }
}

TEST_CASE("replaced weights are the ones that share", "[interpreters][lrp]") {
  const auto x = normal({1, 2, 6, 6}, 44);
  Residual net;
  const auto graph = load_network(net.parameters, Residual::body(), x);
  net.parameters["conv2.weight"] = net.parameters["conv2.weight"] * (normal({4, 4, 3, 3}, 50) > 0);
  const auto edited = load_network(net.parameters, Residual::body(), x);

  const auto layer = graph.layer_index("conv2");
  const auto replaced = graph.with_weights(
      graph::WeightSet{{graph.program().layer_parameters[layer], net.parameters["conv2.weight"]}});

  CHECK(at::equal(Lrp(lrp::epsilon_plus()).attribute(replaced, x, 1),
                  Lrp(lrp::epsilon_plus()).attribute(edited, x, 1)));
}

TEST_CASE("a batch norm that others read beside is passed", "[interpreters][lrp]") {
  // y = conv(x) is read by the batch norm and by the sum: nothing is merged, and relevance passes the norm
  // unchanged.
  const auto parameters = with_norm({{"conv.weight", normal({2, 2, 1, 1}, 1)}}, "bn", 2, 10);
  const auto x = normal({1, 2, 2, 2}, 45);
  const auto graph = load_network(
      parameters, "y = torch.conv2d(x, self.conv.weight)\nreturn (y + " + norm("y", "bn") + ").flatten(1)",
      x);
  const auto y = at::conv2d(x, parameters.at("conv.weight"));
  const auto map =
      dense::matrix_of([&](const auto& v) { return at::conv2d(v, parameters.at("conv.weight")); }, x.sizes());
  auto relevance = at::zeros({8}, at::kDouble);
  relevance[5] = 1; // the sum shares it among both branches, and both end at y again
  const auto total = graph.forward(x).flatten();
  const auto conserved = relevance * total / (total + at::where(total < 0, -1e-6, 1e-6));

  const auto attribution = Lrp(lrp::epsilon()).attribute(graph, x, 5);

  CHECK(at::allclose(attribution.flatten(), dense::epsilon(map, x, conserved), 1e-9, 1e-11));
}

TEST_CASE("module patterns win over first layers, and those over kinds", "[interpreters][lrp]") {
  const support::NetworkSource source{{{"a.weight", normal({4, 5}, 1)}, {"b.weight", normal({3, 4}, 2)}},
                                      {{"", "return self.b.forward(torch.relu(self.a.forward(x)))"},
                                       {"a", "return torch.linear(x, self.weight)"},
                                       {"b", "return torch.linear(x, self.weight)"}}};
  const auto x = normal({1, 5}, 46);
  const auto graph = load_network(source, x);
  const auto& wa = source.parameters.at("a.weight");
  const auto& wb = source.parameters.at("b.weight");
  const auto hidden = at::linear(x, wa).clamp_min(0);
  const auto zero4 = at::zeros({4}, at::kDouble);
  const auto zero3 = at::zeros({3}, at::kDouble);
  const auto start = at::tensor({0.0, 1.0, 0.0}, at::kDouble);
  const auto plus = dense::alpha_beta({wb, zero3}, hidden, start, 1, 0);
  const auto even = dense::flat({at::ones_like(wb), zero3}, start);
  const auto linear = graph::OpKind::Linear;
  const auto kind = lrp::Composite("test").kind(linear, lrp::ZPlus{});

  const auto first = Lrp(kind.first(linear, lrp::Epsilon{})).attribute(graph, x, 1);
  const auto module = Lrp(kind.first(linear, lrp::Epsilon{}).module("b", lrp::Flat{})).attribute(graph, x, 1);
  const auto both = Lrp(kind.first(linear, lrp::Epsilon{}).module("?", lrp::Flat{}).module("b", lrp::ZPlus{}))
                        .attribute(graph, x, 1);

  CHECK(at::allclose(first.flatten(), dense::epsilon({wa, zero4}, x, plus), 1e-9, 1e-11));
  CHECK(at::allclose(module.flatten(), dense::epsilon({wa, zero4}, x, even), 1e-9, 1e-11));
  CHECK(at::allclose(both.flatten(), dense::flat({at::ones_like(wa), zero4}, plus), 1e-9, 1e-11));
}

TEST_CASE("an operator without a rule is an error that names it", "[interpreters][lrp]") {
  const support::NetworkSource source{{{"fc.weight", normal({5, 5}, 1)}},
                                      {{"", "return self.gate.forward(torch.linear(x, self.fc.weight))"},
                                       {"gate", "return torch.sigmoid(x)"}}};
  const auto x = normal({1, 5}, 47);
  const auto graph = load_network(source, x);
  using Catch::Contains;

  CHECK_THROWS_AS(Lrp(lrp::epsilon()).attribute(graph, x, 0), UnsupportedOperator);
  CHECK_THROWS_WITH(Lrp(lrp::epsilon()).attribute(graph, x, 0),
                    Contains("aten::sigmoid") && Contains("gate"));
  const auto told = lrp::epsilon().kind(graph::OpKind::Sigmoid, lrp::Pass{});
  CHECK(Lrp(told).attribute(graph, x, 0).sizes() == x.sizes());

  const auto square = load_network({}, "return x * x", x);
  CHECK_THROWS_WITH(Lrp(lrp::epsilon()).attribute(square, x, 0),
                    Contains("aten::mul") && Contains("both factors"));
  const auto quotient = load_network({}, "return 1.0 + x / (x * 2.0 + 9.0)", x);
  CHECK_THROWS_WITH(Lrp(lrp::epsilon()).attribute(quotient, x, 0), Contains("divisor depends on the input"));
  const auto scaled = load_network({}, "return (x * 3.0 - 1.0) / 2.0", x);
  CHECK(at::equal(Lrp(lrp::epsilon()).attribute(scaled, x, 2),
                  at::tensor({0.0, 0.0, 1.0, 0.0, 0.0}, at::kDouble).unsqueeze(0)));
  CHECK_THROWS_WITH(Lrp(lrp::epsilon().kind(graph::OpKind::Multiply, lrp::ZPlus{})).attribute(scaled, x, 2),
                    Contains("needs a convolution or linear layer") && Contains("aten::mul"));
}

TEST_CASE("arguments of Lrp that make no sense are refused", "[interpreters][lrp]") {
  const auto x = normal({2, 2, 6, 6}, 48);
  const auto graph = load_network(Residual().parameters, Residual::body(), x);
  const Lrp method(lrp::epsilon_plus());
  using Catch::Contains;
  CHECK_THROWS_WITH(method.attribute(graph, x, 3), Contains("class 3"));
  CHECK_THROWS_AS(method.attribute(graph, x, {0, 1, 2}), ShapeMismatch);
  CHECK_THROWS_AS(method.attribute(graph, x * std::numeric_limits<double>::quiet_NaN(), 0), NumericalError);
  CHECK_THROWS_WITH(method.attribute(graph, x.to(at::kLong), 0),
                    Contains("LRP epsilon-plus: the input holds"));
  const auto maps = load_network({}, "return x * 2.0", x);
  CHECK_THROWS_WITH(method.attribute(maps, x, 0), Contains("[N, classes]"));
}
