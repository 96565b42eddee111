// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Exported networks that are written here, node by node.
#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <catch2/catch.hpp>
#include <torch/csrc/autograd/autograd.h>

#include <spade/core/error.hpp>
#include <spade/graph/importer.hpp>
#include <spade/graph/tape.hpp>

#include "graph/exported_network.hpp"
#include "graph/scripted.hpp"

using Catch::Matchers::Contains;
using namespace spade;
using nlohmann::json;
using testing::ExportedNetwork;
using testing::numbers;
using testing::Scratch;
using testing::value;

namespace {

LayerGraph load(const ExportedNetwork& network, const at::Tensor& example) {
  const Scratch scratch;
  return load_graph(scratch.write("network.pt2", network.archive()), example);
}

/// [N, 4] -> [N, 3] with whatever `body` adds between "x" and "y".
template <class Body> ExportedNetwork linear_after(const Body& body) {
  ExportedNetwork network({"s0", 4});
  network.parameter("weight", numbers({3, 4}));
  body(network);
  network.node("torch.ops.aten.linear.default", {{"input", value("y")}, {"weight", value("p_weight")}},
               "out");
  network.output("out");
  return network;
}

json integer(std::int64_t number) {
  return {{"as_int", number}};
}

} // namespace

TEST_CASE("an exported network computes what its operators do", "[graph][exported]") {
  const auto network = testing::small_exported();
  const auto graph = load(network, numbers({2, 3, 6, 6}));
  CHECK(testing::operators(graph) ==
        std::vector<std::string>{"spade::guard", "aten::conv2d", "aten::batch_norm", "aten::relu",
                                 "aten::adaptive_avg_pool2d", "aten::flatten", "aten::linear"});
  const auto x = numbers({5, 3, 6, 6}, 2);
  auto y = at::conv2d(x, numbers({5, 3, 3, 3}), {}, 1, 1);
  y = at::batch_norm(y, numbers({5}, 2), numbers({5}, 0.5), numbers({5}, 0.1), numbers({5}, 0.2).add(1),
                     false, 0.1, 1e-5, false);
  y = at::linear(at::adaptive_avg_pool2d(y.relu(), {1, 1}).flatten(1), numbers({4, 5}));
  CHECK(at::equal(graph.forward(x), y));
}

TEST_CASE("the three layouts of an exported network are the same network", "[graph][exported]") {
  const auto network = testing::small_exported();
  const Scratch scratch;
  const auto x = numbers({3, 3, 6, 6});
  const auto raw = load_graph(scratch.write("raw.pt2", network.archive()), x);
  for (const auto& files : {network.pickled_files(), network.plain_files()}) {
    for (const std::size_t alignment : {1, 64}) {
      const auto other =
          load_graph(scratch.write("other.pt2", testing::zip(files, {alignment, false, {}})), x);
      CHECK(at::equal(other.forward(x), raw.forward(x)));
      CHECK(other.fingerprint() == raw.fingerprint());
    }
  }
  auto network_without = network.plain_files();
  network_without.erase(network_without.begin() + 1);
  REQUIRE_THROWS_WITH(load_graph(scratch.write("lost.pt2", testing::zip(network_without)), x),
                      Contains("serialized_state_dict.pt\" is missing"));
}

TEST_CASE("an exported network with one wrong bit in its weights is refused", "[graph][exported]") {
  const auto network = testing::small_exported();
  const Scratch scratch;
  const auto weight = numbers({4, 5});
  const std::string values(static_cast<const char*>(weight.data_ptr()),
                           static_cast<std::size_t>(weight.nbytes()));
  for (const auto& files : {network.files(), network.pickled_files(), network.plain_files()}) {
    auto damaged = testing::zip(files);
    const auto at = damaged.find(values);
    REQUIRE(at != std::string::npos);
    damaged[at + 33] = static_cast<char>(damaged[at + 33] ^ 1);
    const auto path = scratch.write("flipped.pt2", damaged);
    REQUIRE_THROWS_AS(load_graph(path, numbers({1, 3, 6, 6})), FileError);
    REQUIRE_THROWS_WITH(load_graph(path, numbers({1, 3, 6, 6})),
                        Contains("are not those that were written") && Contains(path));
  }
}

TEST_CASE("an exported network has layers, modules and weights to replace", "[graph][exported]") {
  const auto graph = load(testing::small_exported(), numbers({1, 3, 6, 6}));
  REQUIRE(graph.layers().size() == 2);
  CHECK(graph.layers()[0].name == "conv");
  CHECK(graph.layers()[1].name == "fc");
  CHECK(graph.nodes()[3].module == "relu");
  CHECK(graph.nodes()[3].kind == graph::OpKind::Relu);
  const auto x = numbers({2, 3, 6, 6});
  const auto before = graph.forward(x);
  const auto zero = at::zeros({1, 4, 5});
  const std::vector<LayerWeight> weights{{1, LayerGraph::view(zero)}};
  CHECK(graph.with_weights(weights).forward(x).abs().max().item<float>() == 0);
  CHECK(at::equal(graph.forward(x), before));
}

TEST_CASE("the tape's gradient of an exported network is autograd's", "[graph][exported]") {
  const auto graph = load(testing::small_exported(), numbers({1, 3, 6, 6}));
  const auto x = numbers({3, 3, 6, 6}).set_requires_grad(true);
  const auto y = graph.forward(x);
  const auto expected = torch::autograd::grad({y}, {x}, {at::ones_like(y)}).front();
  graph::Tape tape(graph);
  CHECK(at::equal(tape.forward(x.detach()), y.detach()));
  CHECK(at::equal(tape.backward(at::ones_like(y)), expected));
  CHECK(expected.abs().max().item<float>() > 0);
}

TEST_CASE("an assignment to a part has a gradient, also when it is decomposed", "[graph][exported]") {
  const auto graph =
      load(linear_after([](ExportedNetwork& n) { // y = x * 2; y[:, 1:3] = x[:, 0:2]
             const auto part = [](const char* of, int start) {
               return std::vector<std::pair<std::string, json>>{{"self", value(of)},
                                                                {"dim", integer(1)},
                                                                {"start", integer(start)},
                                                                {"end", integer(start + 2)}};
             };
             n.node("torch.ops.aten.mul.Tensor", {{"self", value("x")}, {"other", integer(2)}}, "twice");
             n.node("torch.ops.aten.slice.Tensor", part("twice", 1), "target");
             n.node("torch.ops.aten.slice.Tensor", part("x", 0), "source");
             n.node("torch.ops.aten.copy.default", {{"self", value("target")}, {"src", value("source")}},
                    "copied");
             n.node("torch.ops.aten.slice_scatter.default",
                    {{"self", value("twice")},
                     {"src", value("copied")},
                     {"dim", integer(1)},
                     {"start", integer(1)},
                     {"end", integer(3)}},
                    "y");
           }),
           numbers({1, 4}));
  const auto x = numbers({3, 4}, 2).set_requires_grad(true);
  auto y = x * 2;
  y.narrow(1, 1, 2).copy_(x.narrow(1, 0, 2));
  const auto expected = at::linear(y, numbers({3, 4}));
  graph::Tape tape(graph);
  CHECK(at::equal(tape.forward(x.detach()), expected.detach()));
  const auto seed = at::ones_like(expected);
  CHECK(at::equal(tape.backward(seed), torch::autograd::grad({expected}, {x}, {seed}).front()));
}

TEST_CASE("inputs that an export does not allow are refused before it runs", "[graph][exported]") {
  const auto graph = load(testing::small_exported(), numbers({1, 3, 6, 6}));
  REQUIRE_THROWS_AS(graph.forward(numbers({65, 3, 6, 6})), ShapeMismatch);
  REQUIRE_THROWS_WITH(graph.forward(numbers({65, 3, 6, 6})), Contains("[1 to 64, 3, 6, 6]"));
  REQUIRE_THROWS_WITH(graph.forward(numbers({1, 3, 7, 6})), Contains("dimension 2 does not fit"));
  REQUIRE_THROWS_WITH(graph.forward(numbers({3, 6, 6})), Contains("as many dimensions"));
  CHECK(graph.forward(numbers({64, 3, 6, 6})).size(0) == 64);
}

TEST_CASE("examples that an export does not allow are refused", "[graph][exported]") {
  const auto network = testing::small_exported();
  REQUIRE_THROWS_AS(load(network, numbers({1, 3, 8, 8})), ShapeMismatch);
  REQUIRE_THROWS_AS(load(network, numbers({1, 3, 6, 6}).to(at::kDouble)), InvalidArgument);
  REQUIRE_THROWS_WITH(load(network, numbers({1, 3, 6, 6}).to(at::kDouble)),
                      Contains("Double") && Contains("Float"));
}

TEST_CASE("a fixed batch is reported with the way out", "[graph][exported]") {
  ExportedNetwork network({2, 4});
  network.parameter("weight", numbers({3, 4}))
      .node("torch.ops.aten.linear.default", {{"input", value("x")}, {"weight", value("p_weight")}}, "out")
      .output("out");
  const auto graph = load(network, numbers({2, 4}));
  CHECK(graph.forward(numbers({2, 4})).size(0) == 2);
  for (const auto batch : {1, 3}) {
    REQUIRE_THROWS_AS(graph.forward(numbers({batch, 4})), ShapeMismatch);
    REQUIRE_THROWS_WITH(graph.forward(numbers({batch, 4})),
                        Contains("batch is fixed") && Contains("dynamic_shapes={\"x\": {0:"));
  }
  REQUIRE_THROWS_WITH(load(network, numbers({1, 4})), Contains("batch is fixed"));
}

TEST_CASE("a range from 2 stands for any size, an end is an end", "[graph][exported]") {
  auto network = linear_after([](ExportedNetwork& n) {
    n.node("torch.ops.aten.relu.default", {{"self", value("x")}}, "y");
    n.range("s0", 2, 3);
  });
  const auto graph = load(network, numbers({3, 4}));
  CHECK(graph.forward(numbers({1, 4})).size(0) == 1);
  REQUIRE_THROWS_AS(graph.forward(numbers({4, 4})), ShapeMismatch);
  network.range("s0", 3, nullptr);
  REQUIRE_THROWS_WITH(load(network, numbers({2, 4})), Contains("[3 to any, 4]"));
}

TEST_CASE("numbers take the place of tensors as Python has it", "[graph][exported]") {
  const auto graph =
      load(linear_after([](ExportedNetwork& n) {
             n.node("torch.ops.aten.mul.Tensor", {{"self", value("x")}, {"other", {{"as_float", 0.1}}}}, "a");
             n.node("torch.ops.aten.add.Tensor", {{"self", value("a")}, {"other", integer(3)}}, "b");
             n.node("torch.ops.aten.sym_size.int", {{"self", value("x")}, {"dim", integer(0)}}, "n");
             n.node("_operator.mul", {{"a", testing::size("n")}, {"b", integer(2)}}, "m");
             n.node("torch.ops.aten.div.Tensor", {{"self", value("b")}, {"other", testing::size("m")}}, "c");
             n.node("torch.ops.aten.leaky_relu.default",
                    {{"self", value("c")}, {"negative_slope", integer(1)}}, "y");
           }),
           numbers({1, 4}));
  for (const auto batch : {1, 2, 5}) {
    const auto x = numbers({batch, 4});
    const auto expected = at::linear((x * 0.1 + 3) / (2 * batch), numbers({3, 4}));
    CHECK(graph.forward(x).scalar_type() == at::kFloat);
    CHECK(at::equal(graph.forward(x), expected));
  }
}

TEST_CASE("sizes are computed from the input, not fixed", "[graph][exported]") {
  const auto graph =
      load(linear_after([](ExportedNetwork& n) {
             n.node("torch.ops.aten.sym_size.int", {{"self", value("x")}, {"dim", integer(0)}}, "n");
             n.node("_operator.mul", {{"a", testing::size("n")}, {"b", integer(2)}}, "m");
             const json shape{{"as_sym_ints", {{{"as_name", "m"}}, {{"as_int", 2}}}}};
             const json back{{"as_sym_ints", {{{"as_name", "n"}}, {{"as_int", 4}}}}};
             n.node("torch.ops.aten.view.default", {{"self", value("x")}, {"size", shape}}, "v");
             n.node("torch.ops.aten.flip.default", {{"self", value("v")}, {"dims", {{"as_ints", {1}}}}}, "f");
             n.node("torch.ops.aten.view.default", {{"self", value("f")}, {"size", back}}, "y");
           }),
           numbers({1, 4}));
  const auto x = numbers({3, 4});
  CHECK(at::equal(graph.forward(x), at::linear(x.view({6, 2}).flip({1}).view({3, 4}), numbers({3, 4}))));
}

TEST_CASE("writes to views reach what they are views of", "[graph][exported]") {
  const auto network = linear_after([](ExportedNetwork& n) {
    n.node("torch.ops.aten.mul.Tensor", {{"self", value("x")}, {"other", {{"as_float", 2.0}}}}, "y");
    n.node("torch.ops.aten.slice.Tensor",
           {{"self", value("y")}, {"dim", integer(1)}, {"start", integer(1)}, {"end", integer(3)}}, "part");
    n.node("torch.ops.aten.fill_.Scalar", {{"self", value("part")}, {"value", {{"as_float", 7.0}}}},
           "filled");
  });
  const auto graph = load(network, numbers({2, 4}));
  const auto x = numbers({3, 4});
  auto y = x * 2;
  y.narrow(1, 1, 2).fill_(7.0);
  CHECK(at::equal(graph.forward(x), at::linear(y, numbers({3, 4}))));
}

TEST_CASE("a write to the input leaves the caller's tensor alone", "[graph][exported]") {
  const auto graph =
      load(linear_after([](ExportedNetwork& n) {
             n.node("torch.ops.aten.add_.Tensor", {{"self", value("x")}, {"other", integer(1)}}, "y");
           }),
           numbers({2, 4}));
  const auto x = numbers({3, 4});
  const auto before = x.clone();
  CHECK(at::equal(graph.forward(x), at::linear(x + 1, numbers({3, 4}))));
  CHECK(at::equal(x, before));
}

TEST_CASE("tensors that share a storage are told apart by their place in it", "[graph][exported]") {
  ExportedNetwork network({"s0", 4});
  network.parameter("all", numbers({4, 4})).parameter("part", numbers({2, 4}));
  auto& entries = network.config["config"];
  entries["part"]["path_name"] = entries["all"]["path_name"];
  entries["part"]["tensor_meta"]["storage_offset"]["as_int"] = 4;
  network.node("torch.ops.aten.linear.default", {{"input", value("x")}, {"weight", value("p_all")}}, "y")
      .node("torch.ops.aten.linear.default", {{"input", value("y")}, {"weight", value("p_part")}}, "out")
      .output("out");
  const auto graph = load(network, numbers({2, 4}));
  const auto all = numbers({4, 4});
  const auto x = numbers({3, 4});
  CHECK(at::equal(graph.forward(x), at::linear(at::linear(x, all), all.narrow(0, 1, 2).contiguous())));
  CHECK(graph.layers().size() == 2);
}

TEST_CASE("a condition on sizes is checked on every run", "[graph][exported]") {
  const auto graph =
      load(linear_after([](ExportedNetwork& n) {
             n.node("torch.ops.aten.sym_size.int", {{"self", value("x")}, {"dim", integer(0)}}, "n");
             n.node("_operator.le", {{"a", testing::size("n")}, {"b", integer(4)}}, "few");
             n.node("torch.ops.aten._assert_scalar.default",
                    {{"self", testing::size("few")}, {"assert_msg", {{"as_string", "few"}}}}, "");
             n.node("torch.ops.aten.relu.default", {{"self", value("x")}}, "y");
           }),
           numbers({1, 4}));
  CHECK(graph.forward(numbers({4, 4})).size(0) == 4);
  REQUIRE_THROWS_AS(graph.forward(numbers({5, 4})), UnsupportedOperator);
}

TEST_CASE("what the exporter took for granted of the input's sizes is checked on every run",
          "[graph][exported]") {
  const auto with = [](const std::vector<std::string>& conditions, std::int64_t batch = 2) {
    auto network = linear_after([](ExportedNetwork& n) {
      n.node("torch.ops.aten.relu.default", {{"self", value("x")}}, "y");
    });
    network.program["guards_code"] = conditions;
    return load(network, numbers({batch, 4}));
  };
  const auto [condition, taken, refused] = GENERATE(table<std::string, std::int64_t, std::int64_t>(
      {{"(L['x'].size()[0] % 2) == 0", 4, 3},
       {"L['x'].size()[0]*L['x'].size()[1] <= 12", 3, 4},
       {"3*L['args'][0].size()[0] - 3 < L['args'][0].size()[1] or L['x'].size()[0] > 5", 7, 4},
       {"not (L['x'].size()[0] // 2) == 2", 3, 4},
       {"Max(1, L['x'].size()[0] - L['x'].size()[1]) < 2", 5, 6},
       {"L['x'].size()[0] + -1 >= 0 and 7 > L['x'].size()[0]", 6, 7}}));
  INFO(condition);
  const auto graph = with({"L['x'].size()[1] == 4", condition});
  CHECK(graph.forward(numbers({taken, 4})).size(0) == taken);
  REQUIRE_THROWS_AS(graph.forward(numbers({refused, 4})), ShapeMismatch);
  REQUIRE_THROWS_WITH(graph.forward(numbers({refused, 4})), Contains(condition));
  REQUIRE_THROWS_AS(with({condition}, refused), ShapeMismatch);
}

TEST_CASE("conditions on sizes that are not understood are refused", "[graph][exported]") {
  const auto refuses = [](const std::string& condition) {
    ExportedNetwork network({"s0", 4});
    network.parameter("weight", numbers({3, 4}))
        .node("torch.ops.aten.linear.default", {{"input", value("x")}, {"weight", value("p_weight")}}, "out")
        .output("out");
    network.program["guards_code"] = json::array({condition});
    INFO(condition.substr(0, 100));
    REQUIRE_THROWS_AS(load(network, numbers({2, 4})), UnsupportedOperator);
    REQUIRE_THROWS_WITH(load(network, numbers({2, 4})), Contains("is not understood here"));
  };
  for (const char* condition :
       {"L['x'].size()[0] ==", "L['x'].size()[0] ** 2 == 4", "L['x'].size()[0] < 3 < 4",
        "L['x'].stride()[0] == 4", "import os", "L['x]'.size()[0", "(L['x'].size()[0]", "L['x'].size()[0])",
        "", "99999999999999999999 > L['x'].size()[0]", "L[\"x\"].size()[0] == 1"})
    refuses(condition);
  refuses(std::string(2000, '('));
  refuses(std::string(3000, '-').append("1"));
  refuses(std::string(5000, ' ').append("1"));
  ExportedNetwork damaged({"s0", 4});
  damaged.program["guards_code"] = {"L['x'].size()[5] == 4"};
  REQUIRE_THROWS_AS(load(damaged, numbers({2, 4})), FileError);
}

TEST_CASE("sizes that the exporter derived from others are checked on every run", "[graph][exported]") {
  const auto with = [](const std::vector<json>& shape, const at::Tensor& example) {
    ExportedNetwork network(shape);
    network.node("torch.ops.aten.relu.default", {{"self", value("x")}}, "y").output("y");
    network.range("s0", 1, 64).range("s1", 2, 5);
    return load(network, example);
  };
  const auto [expression, text, taken, refused] =
      GENERATE(table<std::string, std::string, std::vector<std::int64_t>, std::vector<std::int64_t>>(
          {{"Mul(Integer(2), Symbol('s1', positive=True, integer=True))", "2*s1", {2, 4, 10}, {1, 7, 12}},
           {"2*s1", "2*s1", {6, 10}, {5, 11}},
           {"Add(Mul(Integer(3), Symbol('s1', integer=True)), Integer(-1))", "3*s1 - 1", {2, 14}, {3, 17}},
           {"s1 + 3", "s1 + 3", {4, 8}, {2, 9}},
           {"Add(Symbol('s0', positive=True), Integer(1))", "s0 + 1", {3}, {2, 4}},
           {"FloorDiv(Mul(Integer(7), Symbol('s0')), Integer(2))", "FloorDiv", {7}, {6, 8}}}));
  INFO(expression);
  const auto graph = with({"s0", expression}, numbers({2, taken.front()}));
  for (const auto size : taken)
    CHECK(graph.forward(numbers({2, size})).size(1) == size);
  for (const auto size : refused) {
    REQUIRE_THROWS_AS(graph.forward(numbers({2, size})), ShapeMismatch);
    REQUIRE_THROWS_WITH(graph.forward(numbers({2, size})),
                        Contains(message("dimension 1 has the size ", size, ", and must have ")) &&
                            Contains(text));
    REQUIRE_THROWS_AS(with({"s0", expression}, numbers({2, size})), ShapeMismatch);
  }
}

TEST_CASE("a batch that is a multiple is checked", "[graph][exported]") {
  ExportedNetwork network({"2*s0", 4});
  network.node("torch.ops.aten.relu.default", {{"self", value("x")}}, "y").output("y").range("s0", 2, 32);
  const auto graph = load(network, numbers({4, 4}));
  CHECK(graph.forward(numbers({64, 4})).size(0) == 64);
  REQUIRE_THROWS_WITH(graph.forward(numbers({3, 4})),
                      Contains("[2*s0, 4]: dimension 0 has the size 3, and must have 2*s0") &&
                          Contains("1 to 32"));
}

TEST_CASE("derived sizes that are not understood are refused", "[graph][exported]") {
  const auto refuses = [](const std::string& expression, const std::string& reason) {
    ExportedNetwork network({"s0", expression});
    network.node("torch.ops.aten.relu.default", {{"self", value("x")}}, "y").output("y");
    INFO(expression.substr(0, 100));
    REQUIRE_THROWS_AS(load(network, numbers({2, 4})), UnsupportedOperator);
    REQUIRE_THROWS_WITH(load(network, numbers({2, 4})),
                        Contains(reason) && Contains("is not understood here"));
  };
  for (const char* expression : {"Pow(Symbol('s1'), Integer(2))", "s1 ** 2", "Mul(Integer(2), Symbol('s1'",
                                 "2*", "Symbol('', x)", "exp( s1)", "L['x'].size()[1] + 0", "(s1", "- s1 2"})
    refuses(expression, message("with a size of ", expression));
  for (const char* expression :
       {"Mul(Symbol('s1'), Symbol('s1'))", "Mul(Symbol('s1'), Symbol('s2'))", "- s1", "0*s1", "s1 / 2",
        "9223372036854775807*s1 + 9223372036854775807", "FloorDiv(Symbol('s1'), Integer(2))"})
    refuses(expression, message("dimension 1 of its input \"x\" has the size ", expression));
  refuses(std::string(2000, '('), "with a size of ((((");
  refuses(std::string(3000, '-').append("s1"), "with a size of ----");
  ExportedNetwork wide(std::vector<json>(65, "2*s1"));
  REQUIRE_THROWS_WITH(load(wide, numbers({2, 4})), Contains("has 65 dimensions"));
}

TEST_CASE("decomposed layers are prunable: convolution, addmm on a permuted weight", "[graph][exported]") {
  ExportedNetwork network({"s0", 2, 5, 5});
  network.parameter("conv.weight", numbers({3, 2, 3, 3}))
      .parameter("fc.weight", numbers({4, 3}))
      .parameter("fc.bias", numbers({4}));
  network
      .node("torch.ops.aten.convolution.default",
            {{"input", value("x")},
             {"weight", value("p_conv.weight")},
             {"bias", {{"as_none", true}}},
             {"stride", {{"as_ints", {2, 2}}}},
             {"padding", {{"as_ints", {1, 1}}}},
             {"dilation", {{"as_ints", {1, 1}}}},
             {"transposed", {{"as_bool", false}}},
             {"output_padding", {{"as_ints", {0, 0}}}},
             {"groups", integer(1)}},
            "c")
      .node("torch.ops.aten.mean.dim", {{"self", value("c")}, {"dim", {{"as_ints", {2, 3}}}}}, "m")
      .node("torch.ops.aten.permute.default",
            {{"self", value("p_fc.weight")}, {"dims", {{"as_ints", {1, 0}}}}}, "t")
      .node("torch.ops.aten.addmm.default",
            {{"self", value("p_fc.bias")}, {"mat1", value("m")}, {"mat2", value("t")}}, "out")
      .output("out");
  const auto graph = load(network, numbers({1, 2, 5, 5}));
  REQUIRE(graph.layers().size() == 2);
  CHECK(graph.layers()[0].name == "conv");
  CHECK(graph.layers()[0].window.stride == std::vector<std::int64_t>{2, 2});
  CHECK(graph.layers()[1].name == "fc");
  CHECK(graph.layers()[1].weight.to_vector<float>() ==
        LayerGraph::view(numbers({1, 4, 3})).to_vector<float>());
}

TEST_CASE("a linear layer decomposed into products with its expanded weight is prunable",
          "[graph][exported]") {
  // linear(x [N, 3, 4].transpose(0, 1)), as run_decompositions() writes it
  ExportedNetwork network({"s0", 3, 4});
  network.parameter("fc.weight", numbers({5, 4}));
  const auto sizes = [](const json& first, std::int64_t rows, std::int64_t columns) {
    return json{{"as_sym_ints", {first, {{"as_int", rows}}, {{"as_int", columns}}}}};
  };
  const json batch{{"as_name", "n"}};
  network.node("torch.ops.aten.sym_size.int", {{"self", value("x")}, {"dim", integer(0)}}, "n")
      .node("torch.ops.aten.permute.default",
            {{"self", value("p_fc.weight")}, {"dims", {{"as_ints", {1, 0}}}}}, "t")
      .node("torch.ops.aten.expand.default", {{"self", value("t")}, {"size", sizes(batch, 4, 5)}}, "e")
      .node("torch.ops.aten.view.default", {{"self", value("e")}, {"size", sizes(batch, 4, 5)}}, "v")
      .node("torch.ops.aten.bmm.default", {{"self", value("x")}, {"mat2", value("v")}}, "out")
      .output("out");
  const auto graph = load(network, numbers({1, 3, 4}));
  REQUIRE(graph.layers().size() == 1);
  CHECK(graph.layers()[0].name == "fc");
  CHECK(graph.layers()[0].weight.to_vector<float>() ==
        LayerGraph::view(numbers({1, 5, 4})).to_vector<float>());
  std::size_t seen = 0;
  const auto x = numbers({2, 3, 4}, 2);
  (void)graph.forward(x, LayerObserver([&](std::size_t, const TensorView& input) {
                        ++seen;
                        CHECK(input.extent(2) == 4);
                      }));
  CHECK(seen == 1);
  const auto other = numbers({1, 5, 4}, 3);
  const auto sparse = graph.with_weights(std::vector<LayerWeight>{{0, LayerGraph::view(other)}});
  CHECK(at::allclose(sparse.forward(x), at::linear(x, other[0]), 1e-6, 1e-6));

  // A matrix whose columns are repeated is another one.
  ExportedNetwork repeated({"s0", 3, 4});
  repeated.parameter("w", numbers({4, 1}))
      .node("torch.ops.aten.expand.default", {{"self", value("p_w")}, {"size", {{"as_ints", {1, 4, 5}}}}},
            "e")
      .node("torch.ops.aten.matmul.default", {{"self", value("x")}, {"other", value("e")}}, "out")
      .output("out");
  CHECK(load(repeated, numbers({1, 3, 4})).layers().empty());
}
