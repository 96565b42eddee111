// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// load_graph itself compares with the source on two batch sizes; these tests look at what it made of it.
#include <algorithm>

#include <ATen/ATen.h>
#include <catch2/catch.hpp>

#include <spade/core/error.hpp>
#include <spade/graph/importer.hpp>

#include "graph/scripted.hpp"

using Catch::Matchers::Contains;
using namespace spade;
using testing::graph_of;
using testing::numbers;
using testing::Scratch;
using testing::Scripted;

namespace {

void same_as_source(const Scripted& module, const at::Tensor& example,
                    const std::vector<at::Tensor>& inputs) {
  const Scratch scratch;
  const auto path = scratch.save(module);
  const auto graph = load_graph(path, example);
  for (const auto& input : inputs) {
    const auto before = input.clone();
    CHECK(at::equal(graph.forward(input), testing::source_forward(path, input)));
    CHECK(at::equal(input, before));
  }
}

std::int64_t count(const LayerGraph& graph, const std::string& op) {
  const auto names = testing::operators(graph);
  return std::count(names.begin(), names.end(), op);
}

const Scripted linear_child{"def forward(self, x):\n  return torch.linear(x, self.weight, self.bias)\n",
                            {{"weight", numbers({4, 4})}, {"bias", numbers({4})}},
                            {},
                            {}};

} // namespace

TEST_CASE("containers, loops and constants vanish", "[graph]") {
  const Scripted module{R"(
def forward(self, x):
    kept: List[Tensor] = []
    for i in range(3):
        x = torch.relu(x + float(i))
        kept.append(x)
    named = {"first": kept[0], "last": kept[-1]}
    pair = (named["first"], len(kept) + 1)
    return torch.cat([pair[0], named["last"]], 1) * pair[1]
)",
                        {},
                        {},
                        {}};
  const auto graph = graph_of(module, numbers({1, 4}));
  CHECK(testing::operators(graph) == std::vector<std::string>{"aten::add", "aten::relu", "aten::add",
                                                              "aten::relu", "aten::add", "aten::relu",
                                                              "aten::cat", "aten::mul"});
  same_as_source(module, numbers({1, 4}), {numbers({1, 4}), numbers({5, 4})});
}

TEST_CASE("sizes that a trace wrapped in tensors are plain numbers again", "[graph]") {
  // What torch.jit.trace records of y.view(y.size(0), y.size(1) * 2, -1), y[0, 0] = 0 and y * y.size(1).
  const auto traced = [](const std::string& middle) {
    return testing::from_ir("graph(%self, %x : Tensor):\n"
                            "  %zero : int = prim::Constant[value=0]()\n"
                            "  %one : int = prim::Constant[value=1]()\n"
                            "  %two : int = prim::Constant[value=2]()\n"
                            "  %last : int = prim::Constant[value=-1]()\n"
                            "  %y : Tensor = aten::relu(%x)\n"
                            "  %batch.size : int = aten::size(%y, %zero)\n"
                            "  %batch.tensor : Tensor = prim::NumToTensor(%batch.size)\n" +
                            middle +
                            "  %batch : int = aten::Int(%batch.tensor)\n"
                            "  %width.size : int = aten::size(%y, %one)\n"
                            "  %width.tensor : Tensor = prim::NumToTensor(%width.size)\n"
                            "  %doubled : Tensor = aten::mul(%width.tensor, %two)\n"
                            "  %width : int = aten::Int(%doubled)\n"
                            "  %shape : int[] = prim::ListConstruct(%batch, %width, %last)\n"
                            "  %seen : Tensor = aten::view(%y, %shape)\n"
                            "  %result : Tensor = aten::mul(%seen, %width.tensor)\n"
                            "  return (%result)\n");
  };
  const Scratch scratch;
  const auto path = scratch.path("traced.pt");
  const auto check = [&](std::int64_t wrapped, std::int64_t unwrapped) {
    const auto graph = load_graph(path, numbers({1, 3, 4}));
    CHECK(count(graph, "prim::NumToTensor") == wrapped);
    CHECK(count(graph, "aten::Int") == unwrapped);
    for (const auto& input : {numbers({1, 3, 4}), numbers({5, 3, 4}), numbers({2, 6, 2})})
      CHECK(at::equal(graph.forward(input), testing::source_forward(path, input)));
  };
  traced("").save(path);
  check(1, 1); // the width, which is computed with as a tensor
  // A tensor that was written to is no longer the number.
  traced("  %written : Tensor = aten::mul_(%batch.tensor, %one)\n").save(path);
  check(2, 2);
}

TEST_CASE("a list is sliced with the widest step", "[graph]") {
  const Scripted module{"def forward(self, x):\n    l = [1, 2, 3, 4]\n"
                        "    return x + l[1:4:9223372036854775807][0] + len(l[::3])\n",
                        {},
                        {},
                        {}};
  CHECK(at::equal(graph_of(module, numbers({1, 4})).forward(numbers({2, 4})), numbers({2, 4}) + 2 + 2));
}

TEST_CASE("the first tensor of a structured result is the output", "[graph]") {
  const Scripted tuple{"def forward(self, x):\n  return (x * 2.0, x.sum())\n", {}, {}, {}};
  CHECK(at::equal(graph_of(tuple, numbers({2, 3})).forward(numbers({3, 3})), numbers({3, 3}) * 2.0));
  const Scripted dict{"def forward(self, x):\n  return {\"out\": x + 1.0, \"aux\": x}\n", {}, {}, {}};
  CHECK(at::equal(graph_of(dict, numbers({2, 3})).forward(numbers({3, 3})), numbers({3, 3}) + 1.0));
}

TEST_CASE("sizes stay open and branches are guarded", "[graph]") {
  const Scripted module{R"(
def forward(self, x):
    if x.size(1) > 4:
        y = x.view(x.size(0), 2, -1).sum(2)
    else:
        y = x * 3.0
    return y
)",
                        {},
                        {},
                        {}};
  same_as_source(module, numbers({1, 6}), {numbers({2, 6}), numbers({7, 8})});
  const auto graph = graph_of(module, numbers({1, 6}));
  CHECK(count(graph, "spade::guard") == 1);
  REQUIRE_THROWS_AS(graph.forward(numbers({1, 3})), UnsupportedOperator);
  REQUIRE_THROWS_WITH(graph.forward(numbers({1, 3})), Contains("another path") && Contains("prim::If"));
}

TEST_CASE("a loop's length is guarded where the input decides it", "[graph]") {
  const Scripted child{
      "def forward(self, x):\n  for i in range(x.size(1)):\n    x = x + float(i)\n  return x\n", {}, {}, {}};
  const Scripted module{
      "def forward(self, x):\n  return self.steps.forward(x)\n", {}, {}, {{"steps", child}}};
  same_as_source(module, numbers({1, 3}), {numbers({4, 3})});
  REQUIRE_THROWS_WITH(graph_of(module, numbers({1, 3})).forward(numbers({1, 5})),
                      Contains("prim::Loop in module steps") && Contains("was 3"));
}

TEST_CASE("writes in place become values", "[graph]") {
  SECTION("of a value nobody else reads") {
    const Scripted module{
        "def forward(self, x):\n  y = x + 1.0\n  y.relu_()\n  return y * 2.0\n", {}, {}, {}};
    const auto graph = graph_of(module, numbers({1, 4}));
    CHECK(testing::operators(graph) == std::vector<std::string>{"aten::add", "aten::relu", "aten::mul"});
    CHECK(graph.nodes()[1].run_in_place);
    same_as_source(module, numbers({1, 4}), {numbers({3, 4})});
  }
  SECTION("that do not fit are refused by name, as others are") {
    const Scripted module{"def forward(self, x):\n  y = x * 2.0\n  y.add_(self.bias)\n  return y\n",
                          {{"bias", numbers({4})}},
                          {},
                          {}};
    const auto graph = graph_of(module, numbers({1, 4}));
    REQUIRE(graph.nodes()[1].run_in_place);
    REQUIRE_THROWS_AS(graph.forward(numbers({2, 5})), ShapeMismatch);
    REQUIRE_THROWS_WITH(graph.forward(numbers({2, 5})),
                        Contains("input [2, 5] of type Float does not go through the network") &&
                            Contains("aten::add") && Contains("size of tensor a (5)"));
  }
  SECTION("of the caller's input, which keeps its values") {
    same_as_source({"def forward(self, x):\n  x.relu_()\n  return x + 0.5\n", {}, {}, {}}, numbers({1, 4}),
                   {numbers({3, 4})});
  }
  SECTION("of a part, seen through the whole") {
    same_as_source({"def forward(self, x):\n  y = x * 1.0\n  y[:, 0] = 7.0\n  y[:, 1:3] += 2.0\n  return y\n",
                    {},
                    {},
                    {}},
                   numbers({1, 4}), {numbers({3, 4})});
  }
  SECTION("of the whole, seen through parts") {
    same_as_source({R"(
def forward(self, x):
    y = x * 1.0
    first = y[:, 0]
    turned = y.t()
    rows = y.unbind(1)
    y.mul_(3.0)
    first.add_(1.0)
    return turned.t() + first.unsqueeze(1) + rows[2].unsqueeze(1)
)",
                    {},
                    {},
                    {}},
                   numbers({1, 4}), {numbers({3, 4})});
  }
  SECTION("through chains of views") {
    same_as_source({R"(
def forward(self, x):
    y = x * 1.0
    z = y.view(x.size(0), 2, 3).transpose(1, 2).permute(0, 2, 1).unsqueeze(0)
    z[0, :, 1, 0:2].fill_(9.0)
    z.squeeze(0).flatten(1).sub_(1.0)
    return y
)",
                    {},
                    {},
                    {}},
                   numbers({1, 6}), {numbers({3, 6})});
  }
  SECTION("of another type than the other operand, which foo() would promote") {
    same_as_source({"def forward(self, x):\n  y = x * 1.0\n  y.add_(x.double())\n  return y\n", {}, {}, {}},
                   numbers({1, 6}), {numbers({3, 6})});
  }
  SECTION("through a view that cannot be undone, only where somebody reads the rest") {
    const std::string write =
        "def forward(self, x):\n  y = x * 1.0\n  z = y.as_strided([2], [1], 0)\n  z.mul_(3.0)\n";
    same_as_source({write + "  return x + z.sum()\n", {}, {}, {}}, numbers({1, 6}), {numbers({1, 6})});
    REQUIRE_THROWS_WITH(graph_of({write + "  return y\n", {}, {}, {}}, numbers({1, 6})),
                        Contains("written through another view by aten::mul_"));
  }
  SECTION("of the model itself are refused") {
    const Scripted counter{"def forward(self, x):\n  self.calls.add_(1.0)\n  return x * self.calls\n",
                           {},
                           {{"calls", at::zeros({1})}},
                           {}};
    REQUIRE_THROWS_AS(graph_of(counter, numbers({1, 4})), UnsupportedOperator);
    REQUIRE_THROWS_WITH(graph_of(counter, numbers({1, 4})), Contains("aten::add_") && Contains("\"calls\""));
  }
}

TEST_CASE("values in place are overwritten only where nobody can tell", "[graph]") {
  const Scripted module{
      "def forward(self, x):\n  y = x + 1.0\n  z = y.relu_()\n  z.mul_(2.0)\n  return z\n", {}, {}, {}};
  const auto graph = graph_of(module, numbers({2, 4}));
  std::vector<at::Tensor> seen;
  const auto observed = graph.forward(
      numbers({2, 4}), LayerGraph::NodeObserver([&](const graph::Node&, const auto& in, const auto& out) {
        seen.push_back(in.at(0));
        seen.push_back(out.at(0));
      }));
  REQUIRE(seen.size() == 6);
  CHECK(at::equal(seen[0], numbers({2, 4})));
  CHECK(at::equal(seen[1], numbers({2, 4}) + 1.0));
  CHECK(at::equal(seen[3], at::relu(seen[1])));
  CHECK(at::equal(observed, graph.forward(numbers({2, 4}))));
  const auto input = numbers({2, 4}).set_requires_grad(true);
  graph.forward(input).sum().backward();
  CHECK(at::equal(input.grad(), (input + 1.0).gt(0).to(at::kFloat) * 2.0));
}

TEST_CASE("gradients take the path of forward passes", "[graph]") {
  const Scripted module{
      "def forward(self, x):\n  y = x * 3.0\n  if y.requires_grad:\n    y = x * 2.0\n  return y\n",
      {},
      {},
      {}};
  const auto graph = graph_of(module, numbers({2, 4}));
  const auto input = numbers({2, 4}).set_requires_grad(true);
  const auto output = graph.forward(input);
  CHECK(at::equal(output, numbers({2, 4}) * 3.0));
  output.sum().backward();
  CHECK(at::equal(input.grad(), at::full({2, 4}, 3.0)));
}

TEST_CASE("a shared module is one layer with two uses", "[graph]") {
  const Scripted module{
      "def forward(self, x):\n  return self.shared.forward(torch.relu(self.shared.forward(x)))\n",
      {},
      {},
      {{"shared", linear_child}}};
  const auto graph = graph_of(module, numbers({1, 4}));
  REQUIRE(graph.layers().size() == 1);
  CHECK(graph.layers()[0].name == "shared");
  CHECK(graph.layers()[0].uses == 2);
  CHECK(graph.nodes()[1].op == "aten::relu");
  CHECK(graph.nodes()[2].module == "shared");
  std::vector<std::size_t> seen;
  (void)graph.forward(numbers({3, 4}), LayerObserver([&](std::size_t layer, const TensorView& input) {
                        seen.push_back(layer);
                        CHECK(input.extent(0) == 3);
                      }));
  CHECK(seen == std::vector<std::size_t>{0, 0});
}

TEST_CASE("tied weights are one parameter", "[graph]") {
  const auto weight = numbers({4, 4});
  const Scripted module{
      "def forward(self, x):\n  return torch.linear(torch.linear(x, self.first.weight), "
      "self.second.weight)\n",
      {},
      {},
      {{"first", {"", {{"weight", weight}}, {}, {}}}, {"second", {"", {{"weight", weight}}, {}, {}}}}};
  const auto graph = graph_of(module, numbers({1, 4}));
  CHECK(graph.program().parameters.size() == 1);
  REQUIRE(graph.layers().size() == 1);
  CHECK(graph.layers()[0].name == "first");
  CHECK(graph.layers()[0].uses == 2);
}

TEST_CASE("networks that fix the batch size are refused", "[graph]") {
  const Scripted module{"def forward(self, x):\n  return x.view([1, 2, 3]).sum(2)\n", {}, {}, {}};
  REQUIRE_THROWS_AS(graph_of(module, numbers({1, 6})), UnsupportedOperator);
  REQUIRE_THROWS_WITH(graph_of(module, numbers({1, 6})), Contains("fixed the batch size"));
  const Scripted silent{"def forward(self, x):\n  return x.view([1, -1])\n", {}, {}, {}};
  REQUIRE_THROWS_WITH(graph_of(silent, numbers({1, 6})), Contains("first dimension must count the samples"));
}

TEST_CASE("what cannot be lowered is refused by name", "[graph]") {
  const Scripted random{"def forward(self, x):\n  return x + torch.rand_like(x)\n", {}, {}, {}};
  REQUIRE_THROWS_WITH(graph_of(random, numbers({1, 6})), Contains("random numbers"));
  const Scripted two{"def forward(self, x, y):\n  return x + y\n", {}, {}, {}};
  REQUIRE_THROWS_WITH(graph_of(two, numbers({1, 6})), Contains("second input, \"y\""));
  const Scripted none{"def forward(self, x):\n  return torch.ones([1, 2])\n", {}, {}, {}};
  REQUIRE_THROWS_WITH(graph_of(none, numbers({1, 6})), Contains("does not depend on its input"));
  const Scripted endless{"def forward(self, x):\n  while True:\n    x = x\n  return x\n", {}, {}, {}};
  REQUIRE_THROWS_WITH(graph_of(endless, numbers({1, 6})), Contains("loop for ever"));
}

TEST_CASE("the wrong shape is named with the node that refuses it", "[graph]") {
  const Scripted module{
      "def forward(self, x):\n  return self.fc.forward(torch.relu(x))\n", {}, {}, {{"fc", linear_child}}};
  REQUIRE_THROWS_AS(graph_of(module, numbers({1, 6})), ShapeMismatch);
  REQUIRE_THROWS_WITH(graph_of(module, numbers({1, 6})),
                      Contains("[1, 6]") && Contains("aten::linear in module fc") && Contains("[4, 4]"));
  const auto graph = graph_of(module, numbers({1, 4}));
  REQUIRE_THROWS_AS(graph.forward(numbers({2, 5})), ShapeMismatch);
  REQUIRE_THROWS_WITH(graph.forward(numbers({2, 5})),
                      Contains("[2, 5]") && Contains("[1, 4]") && Contains("module fc"));
  REQUIRE_THROWS_AS(graph.forward(at::Tensor()), InvalidArgument);
  const Scripted raises{
      "def forward(self, x):\n  if x.dim() != 4:\n    raise ValueError(\"want pictures\")\n  return x\n",
      {},
      {},
      {}};
  REQUIRE_THROWS_WITH(graph_of(raises, numbers({1, 4})), Contains("want pictures"));
}

TEST_CASE("parameters that are not finite are named", "[graph]") {
  auto module = linear_child;
  module.parameters[0].second = numbers({4, 4}).clone();
  module.parameters[0].second[1][2] = std::numeric_limits<float>::quiet_NaN();
  REQUIRE_THROWS_AS(graph_of(module, numbers({1, 4})), NumericalError);
  REQUIRE_THROWS_WITH(graph_of(module, numbers({1, 4})),
                      Contains("parameter \"weight\" [4, 4] contains NaN"));
  // A mask may hold minus infinity.
  const Scripted masked{"def forward(self, x):\n  return torch.softmax(x + self.mask, 1)\n",
                        {},
                        {{"mask", at::tensor({0.0F, -std::numeric_limits<float>::infinity(), 0.0F})}},
                        {}};
  CHECK(graph_of(masked, numbers({1, 3})).layers().empty());
}
