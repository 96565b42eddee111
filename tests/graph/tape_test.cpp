// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <catch2/catch.hpp>

#include <spade/core/error.hpp>
#include <spade/graph/tape.hpp>

#include "graph/scripted.hpp"

using Catch::Matchers::Contains;
using namespace spade;
using graph::NodeContext;
using graph::OpKind;
using graph::RuleSet;
using graph::Tape;
using testing::graph_of;
using testing::numbers;
using testing::Scripted;

namespace {

using Tensors = std::vector<at::Tensor>;

LayerGraph scripted(const std::string& body, std::int64_t features = 4) {
  return graph_of({"def forward(self, x):\n  " + body + "\n", {{"weight", numbers({4, 4})}}, {}, {}},
                  numbers({1, features}));
}

at::Tensor gradient(const LayerGraph& graph, const at::Tensor& input, const at::Tensor& seed) {
  const auto leaf = input.clone().set_requires_grad(true);
  graph.forward(leaf).backward(seed);
  return leaf.grad();
}

} // namespace

TEST_CASE("without rules a tape gives the gradient", "[graph][tape]") {
  const std::string body =
      GENERATE("return torch.linear(torch.relu(x), self.weight)", "return x * x + x",
               "y = torch.relu(x)\n  return y + torch.tanh(y) + y.sigmoid()",
               "a, b = torch.chunk(x, 2, 1)\n  return torch.cat([b, a, b], 1) * 2.0",
               "p = x.unbind(1)\n  return torch.stack([p[0], p[3], p[0]], 1)",
               "return torch.add(x, x.new_ones([x.size(0), x.size(1)])).view(x.size(0), -1)",
               "v, i = torch.max(x, 1)\n  return v.unsqueeze(1) + x.gather(1, i.unsqueeze(1))",
               "y = x * 1.0\n  y[:, 0] = 0.0\n  y[:, 1:3].mul_(x[:, 2:4])\n  return y",
               "return torch.softmax(torch.matmul(x.unsqueeze(2), x.unsqueeze(1)), 2).sum(1)",
               "return x.detach() * x");
  INFO(body);
  const auto graph = scripted(body);
  Tape tape(graph);
  for (const auto batch : {1, 3}) {
    const auto input = numbers({batch, 4});
    const auto output = tape.forward(input);
    CHECK(at::equal(output, graph.forward(input)));
    CHECK_FALSE(output.requires_grad());
    for (const double scale : {1.0, -2.0}) {
      const auto seed = numbers(output.sizes(), scale);
      CHECK(at::equal(tape.backward(seed), gradient(graph, input, seed)));
    }
  }
}

TEST_CASE("an output that no gradient reaches gives zeros", "[graph][tape]") {
  const auto graph = scripted("return torch.sign(x).detach() + 0.0");
  Tape tape(graph);
  const auto output = tape.forward(numbers({2, 4}));
  CHECK(at::equal(tape.backward(at::ones_like(output)), at::zeros({2, 4})));
}

TEST_CASE("rules are looked up by node, module, kind, default", "[graph][tape]") {
  const Scripted child{"def forward(self, x):\n  return torch.relu(x)\n", {}, {}, {}};
  const auto graph =
      graph_of({"def forward(self, x):\n  return torch.relu(self.block.forward(torch.relu(x)))\n",
                {},
                {},
                {{"block", child}}},
               numbers({1, 4}));
  REQUIRE(graph.nodes().size() == 3);
  std::string order;
  const auto named = [&](char name) {
    return [&order, name](const NodeContext& context, const Tensors& incoming) {
      order += name;
      return context.vjp(incoming);
    };
  };
  Tape tape(graph);
  const auto seed = at::ones_like(tape.forward(numbers({1, 4})));
  const auto run = [&](const RuleSet& rules) {
    order.clear();
    (void)tape.backward(seed, rules);
    return order;
  };
  CHECK(run(RuleSet(named('d'))) == "ddd");
  CHECK(run(RuleSet(named('d')).kind(OpKind::Relu, named('k'))) == "kkk");
  CHECK(run(RuleSet(named('d')).kind(OpKind::Relu, named('k')).module("bl*", named('m'))) == "kmk");
  CHECK(run(RuleSet(named('d')).module("b?ock", named('m')).module("*", named('x'))) == "xmx");
  CHECK(run(RuleSet(named('d')).module("block", named('m')).node(1, named('n')).node(0, named('n'))) ==
        "dnn");
  CHECK(run(RuleSet(named('d')).module("lock", named('m')).module("block.", named('m'))) == "ddd");
  REQUIRE_THROWS_AS(RuleSet().kind(OpKind::Add, nullptr), InvalidArgument);
  REQUIRE_THROWS_WITH(RuleSet().module("a.*", nullptr), Contains("a.*"));
}

TEST_CASE("a rule sees operands, arguments and outputs, and can run the operator anew", "[graph][tape]") {
  const auto graph = scripted("return torch.linear(torch.relu(x), self.weight, None)");
  const auto input = numbers({2, 4});
  Tape tape(graph);
  const auto output = tape.forward(input);
  bool called = false;
  RuleSet rules;
  rules.kind(OpKind::Linear, [&](const NodeContext& context, const Tensors& incoming) {
    called = true;
    REQUIRE(context.inputs.size() == 1);
    CHECK(at::equal(context.inputs[0], at::relu(input)));
    CHECK_FALSE(context.inputs[0].requires_grad());
    CHECK(at::equal(context.outputs.at(0), output));
    const auto weight = context.argument("weight").toTensor();
    CHECK(at::equal(weight, numbers({4, 4})));
    CHECK(context.argument("bias").isNone());
    REQUIRE_THROWS_WITH(context.argument("stride"), Contains("aten::linear") && Contains("stride"));
    // The positive weights alone, as LRP's z-plus rule wants them.
    const auto operand = context.inputs[0].clone().set_requires_grad(true);
    const auto z = context.rerun({operand}, {{"weight", weight.clamp_min(0)}}).at(0);
    CHECK(at::equal(z, at::linear(operand, weight.clamp_min(0))));
    CHECK(z.requires_grad());
    CHECK_FALSE(context.rerun({context.inputs[0]}, {{"weight", weight.clamp_min(0)}}).at(0).requires_grad());
    REQUIRE_THROWS_WITH(context.rerun({}, {}), Contains("0 operands for 1"));
    REQUIRE_THROWS_WITH(context.rerun({operand}, {{"wait", weight}}), Contains("\"wait\""));
    return Tensors{at::linear(incoming[0], weight.clamp_min(0).t())};
  });
  const auto result = tape.backward(at::ones_like(output), rules);
  CHECK(called);
  const auto expected = at::linear(at::ones({2, 4}), numbers({4, 4}).clamp_min(0).t()) * input.gt(0);
  CHECK(at::equal(result, expected));
}

TEST_CASE("what arrives at outputs that nobody reads is zero, and at integers nothing", "[graph][tape]") {
  const auto graph =
      scripted("a, b = torch.chunk(x, 2, 1)\n  v, i = torch.max(b, 1)\n  return v.unsqueeze(1)");
  Tape tape(graph);
  (void)tape.forward(numbers({2, 4}));
  std::size_t seen = 0;
  RuleSet rules([&](const NodeContext& context, const Tensors& incoming) {
    if (context.node.op == "aten::chunk") {
      REQUIRE(incoming.size() == 2);
      CHECK(at::equal(incoming[0], at::zeros({2, 2})));
      ++seen;
    } else if (context.node.op == "aten::max") {
      REQUIRE(incoming.size() == 2);
      CHECK(incoming[0].defined());
      CHECK_FALSE(incoming[1].defined());
      ++seen;
    }
    return context.vjp(incoming);
  });
  (void)tape.backward(at::ones({2, 1}), rules);
  CHECK(seen == 2);
}

TEST_CASE("misuse of a tape is named", "[graph][tape]") {
  const Scripted child{"def forward(self, x):\n  return torch.relu(x)\n", {}, {}, {}};
  const auto graph =
      graph_of({"def forward(self, x):\n  return self.act.forward(x) + x\n", {}, {}, {{"act", child}}},
               numbers({1, 4}));
  Tape tape(graph);
  REQUIRE_THROWS_AS(tape.backward(at::ones({1, 4})), InvalidArgument);
  REQUIRE_THROWS_WITH(tape.backward(at::ones({1, 4})), Contains("before Tape::forward"));
  REQUIRE_THROWS_WITH(tape.forward(at::ones({1, 4}, at::kLong)), Contains("Long"));
  (void)tape.forward(numbers({1, 4}));
  REQUIRE_THROWS_AS(tape.backward(at::ones({1, 5})), ShapeMismatch);
  REQUIRE_THROWS_WITH(tape.backward(at::ones({1, 5})), Contains("[1, 5]") && Contains("[1, 4]"));
  RuleSet none;
  none.kind(OpKind::Relu, [](const NodeContext&, const Tensors&) { return Tensors{}; });
  REQUIRE_THROWS_AS(tape.backward(at::ones({1, 4}), none), InvalidArgument);
  REQUIRE_THROWS_WITH(tape.backward(at::ones({1, 4}), none),
                      Contains("aten::relu") && Contains("module act") && Contains("gives 0"));
  RuleSet wide;
  wide.kind(OpKind::Relu, [](const NodeContext&, const Tensors&) { return Tensors{at::ones({1, 7})}; });
  REQUIRE_THROWS_AS(tape.backward(at::ones({1, 4}), wide), ShapeMismatch);
  REQUIRE_THROWS_WITH(tape.backward(at::ones({1, 4}), wide),
                      Contains("module act") && Contains("[1, 7]") && Contains("[1, 4]"));
  // A failed pass leaves the tape as it was.
  CHECK(at::equal(tape.backward(at::ones({1, 4})), gradient(graph, numbers({1, 4}), at::ones({1, 4}))));
}
