// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <torch/torch.h>

// After LibTorch, whose logging defines CHECK as well.
#include <catch2/catch.hpp>

#include <spade/core/error.hpp>
#include <spade/graph/capture.hpp>
#include <spade/graph/tape.hpp>

#include "graph/scripted.hpp"

using Catch::Matchers::Contains;
using namespace spade;
using testing::numbers;

namespace {

struct BlockImpl : torch::nn::Module {
  torch::nn::Conv2d conv{nullptr};
  torch::nn::BatchNorm2d norm{nullptr};

  explicit BlockImpl(std::int64_t channels) {
    conv = register_module("conv",
                           torch::nn::Conv2d(torch::nn::Conv2dOptions(channels, channels, 3).padding(1)));
    norm = register_module("norm", torch::nn::BatchNorm2d(channels));
  }
  at::Tensor forward(const at::Tensor& x) { return norm(conv(x)).add_(x).relu_(); }
};
TORCH_MODULE(Block);

struct NetImpl : torch::nn::Module {
  torch::nn::Sequential blocks{nullptr};
  torch::nn::Linear fc{nullptr};
  bool reads_batch_size = false;

  NetImpl() {
    blocks = register_module("blocks", torch::nn::Sequential(Block(3), Block(3)));
    fc = register_module("fc", torch::nn::Linear(3 * 16, 5));
    register_buffer("shift", numbers({3, 1, 1}));
  }
  at::Tensor forward(const at::Tensor& x) {
    const auto y = blocks->forward(x + named_buffers()["shift"]);
    return fc(reads_batch_size ? y.view({y.size(0), -1}) : y.flatten(1));
  }
};
TORCH_MODULE(Net);

} // namespace

TEST_CASE("a captured module is the module: bits, layers, names, memory", "[graph][capture]") {
  torch::manual_seed(1);
  Net net;
  net->eval();
  const auto graph = capture(net, numbers({1, 3, 4, 4}));
  for (const bool gradients : {false, true}) {
    const c10::AutoGradMode mode(gradients);
    for (const auto batch : {1, 3}) {
      const auto x = numbers({batch, 3, 4, 4}, 2);
      CHECK(at::equal(graph.forward(x), net->forward(x)));
    }
  }
  std::vector<std::string> names;
  for (const auto& layer : graph.layers())
    names.push_back(layer.name);
  CHECK(names == std::vector<std::string>{"blocks.0.conv", "blocks.1.conv", "fc"});
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto& parameter = graph.parameter(graph.program().layer_parameters[i]);
    CHECK(parameter.data_ptr() == net->named_parameters()[names[i] + ".weight"].data_ptr());
    CHECK(graph.nodes()[graph.program().layer_uses[i].node].module == names[i]);
  }
}

TEST_CASE("the tape goes through a captured module as autograd does", "[graph][capture]") {
  torch::manual_seed(2);
  Net net;
  net->eval();
  const auto x = numbers({2, 3, 4, 4});
  graph::Tape tape(capture(*net, x));
  const auto leaf = x.clone().set_requires_grad(true);
  const auto y = net->forward(leaf);
  CHECK(at::equal(tape.forward(x), y.detach()));
  const auto expected = torch::autograd::grad({y}, {leaf}, {at::ones_like(y)}).front();
  CHECK(at::equal(tape.backward(at::ones_like(y.detach())), expected));
}

TEST_CASE("a module that reads the batch size as a number is refused with the way out", "[graph][capture]") {
  Net net;
  net->eval();
  net->reads_batch_size = true;
  REQUIRE_THROWS_AS(capture(net, numbers({2, 3, 4, 4})), UnsupportedOperator);
  REQUIRE_THROWS_WITH(capture(net, numbers({2, 3, 4, 4})),
                      Contains("x.flatten(1)") && Contains("batches of 2 only"));
}

TEST_CASE("a module in training mode is refused", "[graph][capture]") {
  Net net;
  REQUIRE_THROWS_AS(capture(net, numbers({2, 3, 4, 4})), UnsupportedOperator);
  REQUIRE_THROWS_WITH(capture(net, numbers({2, 3, 4, 4})), Contains("call eval() first"));
}

TEST_CASE("a function with named tensors is captured", "[graph][capture]") {
  const auto weight = numbers({4, 3}).set_requires_grad(true);
  const auto forward = [&](const at::Tensor& x) { return at::relu(at::linear(x, weight)); };
  const auto graph = capture(forward, {{"weight", weight}}, numbers({1, 3}));
  CHECK(graph.layers().size() == 1);
  CHECK(graph.layers()[0].name == "weight");
  CHECK(at::equal(graph.forward(numbers({5, 3})).detach(), forward(numbers({5, 3})).detach()));
  REQUIRE_THROWS_WITH(capture(forward, {}, numbers({1, 3})), Contains("not in the list of its tensors"));
  REQUIRE_THROWS_AS(capture(forward, {{"a", weight}, {"a", weight}}, numbers({1, 3})), InvalidArgument);
  REQUIRE_THROWS_AS(capture(forward, {{"weight", weight}}, numbers({1, 4})), ShapeMismatch);
  REQUIRE_THROWS_AS(capture(forward, {{"weight", weight}}, at::Tensor()), InvalidArgument);
  REQUIRE_THROWS_AS(capture({}, {{"weight", weight}}, numbers({1, 3})), InvalidArgument);
}
