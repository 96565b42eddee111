// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Each rule on single layers against the sums of the papers.
#include <spade/interpreters/lrp.hpp>

#include <cmath>
#include <functional>
#include <map>
#include <string>

#include <catch2/catch.hpp>

#include <spade/core/error.hpp>
#include <spade/interpreter.hpp>

#include "interpreters/dense_relevance.hpp"
#include "support/networks.hpp"

using namespace spade;
using interpreters::Lrp;
using support::load_network;
using support::normal;

static_assert(Interpreter<Lrp, LayerGraph>);

namespace {

/// A layer as a network whose outputs are its classes.
struct SingleLayer {
  std::string name;
  std::map<std::string, at::Tensor> parameters;
  std::string body;
  std::vector<std::int64_t> shape;
};

std::vector<SingleLayer> layers() {
  return {
      {"linear",
       {{"layer.weight", normal({5, 7}, 1)}, {"layer.bias", normal({5}, 2)}},
       "return torch.linear(x, self.layer.weight, self.layer.bias)",
       {1, 7}},
      {"linear without bias",
       {{"layer.weight", normal({5, 7}, 3)}},
       "return torch.linear(x, self.layer.weight)",
       {1, 7}},
      {"convolution",
       {{"layer.weight", normal({3, 2, 3, 3}, 4)}, {"layer.bias", normal({3}, 5)}},
       "return torch.conv2d(x, self.layer.weight, self.layer.bias, [1, 1], [1, 1], [1, 1], 1).flatten(1)",
       {1, 2, 4, 5}},
      {"grouped, strided, dilated convolution without bias",
       {{"layer.weight", normal({4, 1, 2, 3}, 6)}},
       "return torch.conv2d(x, self.layer.weight, None, [2, 1], [1, 2], [1, 2], 2).flatten(1)",
       {1, 2, 5, 6}},
      {"convolution with batch norm",
       {{"layer.weight", normal({3, 2, 2, 2}, 7)},
        {"layer.bias", normal({3}, 8)},
        {"norm.weight", normal({3}, 9)},
        {"norm.bias", normal({3}, 10)},
        {"norm.running_mean", normal({3}, 11)},
        {"norm.running_var", normal({3}, 12).square() + 0.1}},
       "y = torch.conv2d(x, self.layer.weight, self.layer.bias, [1, 1], [0, 0], [1, 1], 1)\n"
       "y = torch.batch_norm(y, self.norm.weight, self.norm.bias, self.norm.running_mean, "
       "self.norm.running_var, False, "
       "0.1, 1e-3, False)\n"
       "return y.flatten(1)",
       {1, 2, 3, 4}},
  };
}

lrp::Composite everywhere(const lrp::Rule& rule) {
  return lrp::Composite("test").kind(graph::OpKind::Convolution, rule).kind(graph::OpKind::Linear, rule);
}

/// Compares the rule on every layer, for inputs of both signs and for inputs that are never negative.
void check_rule(const lrp::Rule& rule, const std::function<at::Tensor(const dense::Map&, const at::Tensor& x,
                                                                      const at::Tensor& relevance)>& twin) {
  for (const auto& layer : layers()) {
    for (const bool rectified : {false, true}) {
      INFO(layer.name << (rectified ? ", never negative" : ""));
      auto x = normal(layer.shape, 20);
      if (rectified) x = x.clamp_min(0);
      const auto graph = load_network(layer.parameters, layer.body, x);
      const auto map =
          dense::matrix_of([&](const at::Tensor& input) { return graph.forward(input); }, layer.shape);
      for (const std::int64_t target : {0, 3}) {
        auto relevance = at::zeros(map.b.sizes(), at::kDouble);
        relevance[target] = 1;

        const auto attribution = Lrp(everywhere(rule)).attribute(graph, x, target);

        CHECK(at::allclose(attribution.flatten(), twin(map, x, relevance), 1e-9, 1e-11));
      }
    }
  }
}

} // namespace

TEST_CASE("Epsilon equals its sums", "[interpreters][lrp]") {
  check_rule(lrp::Epsilon(1e-6), [](const auto& map, const auto& x, const auto& relevance) {
    return dense::epsilon(map, x, relevance);
  });
  check_rule(lrp::Epsilon(0.5), [](const auto& map, const auto& x, const auto& relevance) {
    return dense::epsilon(map, x, relevance, 0.5);
  });
}

TEST_CASE("ZPlus and AlphaBeta equal their sums", "[interpreters][lrp]") {
  check_rule(lrp::ZPlus{}, [](const auto& map, const auto& x, const auto& relevance) {
    return dense::alpha_beta(map, x, relevance, 1, 0);
  });
  check_rule(lrp::AlphaBeta(2, 1), [](const auto& map, const auto& x, const auto& relevance) {
    return dense::alpha_beta(map, x, relevance, 2, 1);
  });
  check_rule(lrp::AlphaBeta(1.5, 0.5, 0.1), [](const auto& map, const auto& x, const auto& relevance) {
    return dense::alpha_beta(map, x, relevance, 1.5, 0.5, 0.1);
  });
}

TEST_CASE("Gamma equals its sums, and is Epsilon at 0", "[interpreters][lrp]") {
  check_rule(lrp::Gamma(0.25), [](const auto& map, const auto& x, const auto& relevance) {
    return dense::gamma(map, x, relevance, 0.25);
  });
  check_rule(lrp::Gamma(0), [](const auto& map, const auto& x, const auto& relevance) {
    return dense::epsilon(map, x, relevance);
  });
}

TEST_CASE("ZBox equals its sums, with bounds as numbers and as tensors", "[interpreters][lrp]") {
  const auto twin = [](const auto& map, const auto& x, const auto& relevance) {
    return dense::z_box(map, x, relevance, -3, 4);
  };
  check_rule(lrp::ZBox(-3, 4), twin);
  check_rule(lrp::ZBox(at::full({1, 1}, -3.0), at::full({1, 1}, 4.0)), twin);
}

TEST_CASE("Flat shares alike", "[interpreters][lrp]") {
  for (const auto& layer : layers()) {
    INFO(layer.name);
    const auto x = normal(layer.shape, 20);
    const auto graph = load_network(layer.parameters, layer.body, x);
    auto ones = layer.parameters;
    ones.at("layer.weight") = at::ones_like(ones.at("layer.weight"));
    auto body = layer.body;
    if (const auto norm = body.find("y = torch.batch_norm"); norm != std::string::npos) {
      body.erase(norm, body.find('\n', norm) + 1 - norm);
    }
    const auto counting = load_network(ones, body, x);
    const auto map =
        dense::matrix_of([&](const at::Tensor& input) { return counting.forward(input); }, layer.shape);
    auto relevance = at::zeros(map.b.sizes(), at::kDouble);
    relevance[1] = 1;

    const auto attribution = Lrp(everywhere(lrp::Flat{})).attribute(graph, x, 1);

    CHECK(at::allclose(attribution.flatten(), dense::flat(map, relevance), 1e-12, 1e-13));
    CHECK(attribution.sum().item<double>() == Approx(1));
  }
}

TEST_CASE("options of rules that make no sense are refused", "[interpreters][lrp]") {
  using Catch::Contains;
  CHECK_THROWS_AS(lrp::Epsilon(-1e-6), InvalidArgument);
  CHECK_THROWS_WITH(lrp::Epsilon(NAN), Contains("epsilon is nan"));
  CHECK_THROWS_AS(lrp::AlphaBeta(2, 0), InvalidArgument);
  CHECK_THROWS_WITH(lrp::AlphaBeta(2, 0),
                    Contains("alpha 2 and beta 0") && Contains("alpha - beta must be 1"));
  CHECK_THROWS_WITH(lrp::AlphaBeta(0, -1), Contains("beta is -1"));
  CHECK_THROWS_WITH(lrp::Gamma(-0.25), Contains("gamma is -0.25"));
  CHECK_THROWS_AS(lrp::ZPlus(INFINITY), InvalidArgument);
  CHECK_THROWS_AS(lrp::ZBox(1, -1), InvalidArgument);
  CHECK_THROWS_WITH(lrp::ZBox(1, -1), Contains("lower bound is over its upper bound"));
  CHECK_THROWS_WITH(lrp::ZBox(-INFINITY, 1), Contains("not finite"));
  CHECK_THROWS_AS(lrp::ZBox(at::zeros({3}), at::ones({4})), ShapeMismatch);
  CHECK_THROWS_WITH(lrp::ZBox(at::Tensor(), at::ones({4})), Contains("undefined"));
  CHECK_THROWS_WITH(lrp::Composite("test").module("", lrp::Pass{}), Contains("pattern is empty"));

  const auto layer = layers().front();
  const auto x = normal(layer.shape, 20);
  const auto graph = load_network(layer.parameters, layer.body, x);
  const Lrp misfit(everywhere(lrp::ZBox(at::zeros({1, 3}), at::ones({1, 3}))));
  CHECK_THROWS_AS(misfit.attribute(graph, x, 0), ShapeMismatch);
  CHECK_THROWS_WITH(misfit.attribute(graph, x, 0), Contains("[1, 3]") && Contains("[1, 7]"));
}
