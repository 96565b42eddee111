// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <catch2/catch.hpp>

#include <spade/core/error.hpp>

#include "graph/scripted.hpp"

using Catch::Matchers::Contains;
using namespace spade;
using testing::graph_of;
using testing::numbers;
using testing::Scripted;

namespace {

using Extents = std::vector<std::int64_t>;

Extents extents(const TensorView& view) {
  return {view.extents().begin(), view.extents().end()};
}

/// The layer's own description must be enough to compute it: a convolution as a sum over its window, by hand.
at::Tensor by_hand(const Layer& layer, const at::Tensor& input, const Extents& output_space) {
  const auto& window = layer.window;
  const auto kernel = layer.columns_per_channel();
  const auto channels = layer.columns() / kernel;
  const auto space = input.sizes().slice(2);
  const auto weight = layer.weight.to_vector<double>();
  Extents shape{input.size(0), layer.groups() * layer.rows()};
  shape.insert(shape.end(), output_space.begin(), output_space.end());
  const auto positions = at::empty(output_space, at::kChar).numel();
  auto output = at::zeros({input.size(0), layer.groups() * layer.rows(), positions}, at::kDouble);
  const auto in = input.to(at::kDouble).flatten(2).contiguous();
  for (std::int64_t n = 0; n < input.size(0); ++n)
    for (std::int64_t g = 0; g < layer.groups(); ++g)
      for (std::int64_t r = 0; r < layer.rows(); ++r)
        for (std::int64_t p = 0; p < positions; ++p) {
          double sum = 0;
          for (std::int64_t column = 0; column < layer.columns(); ++column) {
            std::int64_t at = 0, rest_p = p, rest_k = column % kernel, stride = 1;
            bool inside = true;
            for (std::size_t d = output_space.size(); d-- > 0;) {
              const auto o = rest_p % output_space[d];
              const auto k = rest_k % window.kernel[d];
              rest_p /= output_space[d];
              rest_k /= window.kernel[d];
              const auto i = o * window.stride[d] - window.padding_begin[d] + k * window.dilation[d];
              inside = inside && i >= 0 && i < space[d];
              at += i * stride;
              stride *= space[d];
            }
            if (!inside) continue;
            const auto row = static_cast<std::size_t>((g * layer.rows() + r) * layer.columns() + column);
            sum += weight[row] * in[n][g * channels + column / kernel][at].item<double>();
          }
          output[n][g * layer.rows() + r][p] = sum;
        }
  return output.reshape(shape);
}

void check_convolution(const std::string& call, const at::Tensor& weight, const at::Tensor& input,
                       const Extents& expected) {
  INFO(call);
  const auto graph =
      graph_of({"def forward(self, x):\n  return " + call + "\n", {{"weight", weight}}, {}, {}}, input);
  REQUIRE(graph.layers().size() == 1);
  const auto& layer = graph.layers()[0];
  CHECK(layer.name == "weight");
  CHECK(extents(layer.weight) == expected);
  const auto output = graph.forward(input);
  const auto twin = by_hand(layer, input, output.sizes().slice(2).vec());
  CHECK(at::allclose(output.to(at::kDouble), twin, 1e-5, 1e-5));
}

} // namespace

TEST_CASE("convolutions in one to three dimensions are layers with their geometry", "[graph]") {
  check_convolution("torch.conv1d(x, self.weight, None, [2], [1], [1], 1)", numbers({4, 3, 5}),
                    numbers({2, 3, 11}), {1, 4, 15});
  check_convolution("torch.conv2d(x, self.weight, None, [2, 1], [1, 0], [1, 2], 1)", numbers({4, 3, 3, 2}),
                    numbers({2, 3, 7, 6}), {1, 4, 18});
  check_convolution("torch.conv3d(x, self.weight, None, [1, 2, 1], [1, 1, 0], [1, 1, 1], 1)",
                    numbers({2, 2, 3, 2, 1}), numbers({1, 2, 4, 5, 3}), {1, 2, 12});
  check_convolution("torch.conv2d(x, self.weight, None, [1, 1], [1, 1], [1, 1], 2)", numbers({6, 2, 3, 3}),
                    numbers({2, 4, 5, 5}), {2, 3, 18});
  check_convolution("torch.conv2d(x, self.weight, None, [1, 1], [1, 1], [1, 1], 4)", numbers({4, 1, 3, 3}),
                    numbers({2, 4, 5, 5}), {4, 1, 9});
  check_convolution("torch.conv2d(x, self.weight, None, [1, 1], \"same\", [1, 1], 1)", numbers({4, 3, 4, 3}),
                    numbers({2, 3, 7, 6}), {1, 4, 36});
  check_convolution("torch.conv2d(x, self.weight, None, [1, 1], \"valid\", [2, 1], 1)", numbers({4, 3, 2, 3}),
                    numbers({2, 3, 7, 6}), {1, 4, 18});
  check_convolution("torch._convolution_mode(x, self.weight, None, [1, 1], \"same\", [1, 2], 1)",
                    numbers({4, 3, 3, 2}), numbers({2, 3, 7, 6}), {1, 4, 18});
  check_convolution("torch.convolution(x, self.weight, None, [1, 1], [1, 1], [1, 1], False, [0, 0], 1)",
                    numbers({4, 3, 3, 3}), numbers({2, 3, 5, 5}), {1, 4, 27});
  check_convolution("torch._convolution(x, self.weight, None, [1, 1], [1, 1], [1, 1], False, [0, 0], 3, "
                    "False, False, True, True)",
                    numbers({3, 1, 3, 3}), numbers({2, 3, 5, 5}), {3, 1, 9});
}

TEST_CASE("padding \"same\" of an even kernel puts the odd zero at the end", "[graph]") {
  const Scripted module{
      "def forward(self, x):\n  return torch.conv1d(x, self.weight, None, [1], \"same\", [1], 1)\n",
      {{"weight", numbers({1, 1, 4})}},
      {},
      {}};
  const auto graph = graph_of(module, numbers({1, 1, 9}));
  CHECK(graph.layers()[0].window.padding_begin == Extents{1});
  CHECK(graph.layers()[0].window.padding_end == Extents{2});
}

TEST_CASE("linear maps in all their spellings are layers", "[graph]") {
  const auto rows = numbers({3, 5});
  const auto expected = rows.unsqueeze(0).to(at::kDouble);
  const std::vector<std::pair<std::string, at::Tensor>> spellings{
      {"torch.linear(x, self.proj_weight)", rows},
      {"torch.addmm(self.bias, x, self.proj_weight.t())", rows},
      {"torch.addmm(self.bias, x, self.proj_weight)", rows.t().contiguous()},
      {"torch.matmul(x, self.proj_weight.transpose(0, -1))", rows},
      {"torch.matmul(x, self.proj_weight)", rows.t().contiguous()},
      {"torch.mm(x, torch.t(self.proj_weight))", rows}};
  for (const auto& [call, weight] : spellings) {
    INFO(call);
    const auto graph = graph_of({"def forward(self, x):\n  return " + call + "\n",
                                 {{"proj_weight", weight}, {"bias", numbers({3})}},
                                 {},
                                 {}},
                                numbers({1, 5}));
    REQUIRE(graph.layers().size() == 1);
    const auto& layer = graph.layers()[0];
    CHECK(layer.name == "proj_weight");
    CHECK(extents(layer.weight) == Extents{1, 3, 5});
    CHECK(layer.weight.to_vector<double>() == LayerGraph::view(expected).to_vector<double>());
    // A new weight goes back to where the old one was.
    const auto halved = LayerGraph::view(expected * 0.5);
    const auto sparse = graph.with_weights(std::vector<LayerWeight>{{0, halved}});
    CHECK(at::equal(sparse.parameter(graph.program().layer_parameters[0]), weight * 0.5));
    CHECK(at::equal(graph.parameter(graph.program().layer_parameters[0]), weight));
  }
}

TEST_CASE("transposed convolutions and half weights are listed as not prunable", "[graph]") {
  const Scripted upwards{"def forward(self, x):\n  return torch.conv_transpose2d(x, self.up.weight)\n",
                         {},
                         {},
                         {{"up", {"", {{"weight", numbers({3, 2, 2, 2})}}, {}, {}}}}};
  const auto graph = graph_of(upwards, numbers({1, 3, 4, 4}));
  CHECK(graph.layers().empty());
  REQUIRE(graph.unsupported_layers().size() == 1);
  CHECK(graph.unsupported_layers()[0].name == "up");
  REQUIRE_THROWS_WITH(graph.layer_index("up"), Contains("transposed convolutions"));

  const Scripted both{"def forward(self, x):\n  return torch.conv1d(torch.conv1d(x, self.w, None, [1], [1]), "
                      "self.w, None, [1], [0])\n",
                      {{"w", numbers({2, 2, 3})}},
                      {},
                      {}};
  REQUIRE_THROWS_WITH(graph_of(both, numbers({1, 2, 9})).layer_index("w"), Contains("different ways"));

  const Scripted half{"def forward(self, x):\n  return torch.linear(x, self.w)\n",
                      {{"w", numbers({2, 3}).to(at::kBFloat16)}},
                      {},
                      {}};
  REQUIRE_THROWS_WITH(graph_of(half, numbers({1, 3}).to(at::kBFloat16)).layer_index("w"),
                      Contains("BFloat16"));
}

TEST_CASE("one step of a recurrent layer is listed as not prunable", "[graph]") {
  const Scripted step{"def forward(self, x):\n  return torch.gru_cell(x, torch.zeros([x.size(0), 2]), "
                      "self.weight_ih, self.weight_hh)\n",
                      {{"weight_ih", numbers({6, 3})}, {"weight_hh", numbers({6, 2})}},
                      {},
                      {}};
  const auto graph = graph_of(step, numbers({1, 3}));
  CHECK(graph.layers().empty());
  REQUIRE(graph.unsupported_layers().size() == 2);
  for (const std::string name : {"weight_ih", "weight_hh"})
    REQUIRE_THROWS_WITH(graph.layer_index(name), Contains("recurrent layers are not pruned"));
}

TEST_CASE("matrices that are applied in other ways are listed as not prunable", "[graph]") {
  const Scripted module{R"(
def forward(self, x):
    x = torch.linear(x, torch.chunk(self.packed, 2)[1])
    x = torch.linear(x, self.gain * self.direction / self.direction.norm())
    x = torch.einsum("ni,oi->no", [x, self.mixed])
    x = torch.linear(x, self.fc) + torch.linear(x, self.fc * 2.0)
    return torch.matmul(x.unsqueeze(2), x.unsqueeze(1)).sum(1)
)",
                        {{"packed", numbers({8, 4})},
                         {"gain", numbers({4, 1})},
                         {"direction", numbers({4, 4})},
                         {"mixed", numbers({4, 4})},
                         {"fc", numbers({4, 4})}},
                        {},
                        {}};
  const auto graph = graph_of(module, numbers({1, 4}));
  REQUIRE(graph.layers().size() == 1);
  CHECK(graph.layers()[0].name == "fc"); // a layer, whatever else is made of its weight
  REQUIRE(graph.unsupported_layers().size() == 3);
  REQUIRE_THROWS_WITH(graph.layer_index("packed"), Contains("a weight is computed from it: aten::linear"));
  REQUIRE_THROWS_WITH(graph.layer_index("direction"), Contains("weights that are parameters are pruned"));
  REQUIRE_THROWS_WITH(graph.layer_index("mixed"), Contains("aten::einsum") && Contains("is not pruned"));
}

TEST_CASE("the same matrix for several products is a layer, one that is turned afterwards is not",
          "[graph]") {
  const auto network = [](const std::string& matrix) {
    return Scripted{"def forward(self, x):\n  return torch.bmm(x.unsqueeze(0), " + matrix + ").squeeze(0)\n",
                    {{"w", numbers({4, 4})}},
                    {},
                    {}};
  };
  const auto same = graph_of(network("self.w.t().expand(1, 4, 4)"), numbers({1, 4}));
  REQUIRE(same.layers().size() == 1);
  CHECK_FALSE(same.program().layer_transposed[0]);
  for (const std::string matrix :
       {"self.w.expand(1, 4, 4).permute(0, 2, 1)", "self.w.view(4, 1, 4).transpose(0, 1)"}) {
    INFO(matrix);
    const auto turned = graph_of(network(matrix), numbers({1, 4}));
    CHECK(turned.layers().empty());
    REQUIRE_THROWS_WITH(turned.layer_index("w"), Contains("a weight is computed from it"));
  }
}

TEST_CASE("new weights are checked before anything changes", "[graph]") {
  const Scripted module{"def forward(self, x):\n  return torch.linear(x, self.fc.weight)\n",
                        {},
                        {},
                        {{"fc", {"", {{"weight", numbers({3, 5})}}, {}, {}}}}};
  const auto graph = graph_of(module, numbers({1, 5}));
  const auto fits = LayerGraph::view(numbers({1, 3, 5}));
  using Weights = std::vector<LayerWeight>;
  REQUIRE_THROWS_AS(graph.with_weights(Weights{{1, fits}}), InvalidArgument);
  REQUIRE_THROWS_WITH(graph.with_weights(Weights{{1, fits}}), Contains("layer 1") && Contains("there are 1"));
  REQUIRE_THROWS_WITH(graph.with_weights(Weights{{0, fits}, {0, fits}}), Contains("\"fc\" twice"));
  REQUIRE_THROWS_AS(graph.with_weights(Weights{{0, LayerGraph::view(numbers({1, 5, 3}))}}), ShapeMismatch);
  REQUIRE_THROWS_WITH(graph.with_weights(Weights{{0, LayerGraph::view(numbers({1, 5, 3}))}}),
                      Contains("\"fc\" is [1, 5, 3], the layer's is [1, 3, 5]"));
  REQUIRE_THROWS_AS(graph.with_weights(Weights{{0, TensorView()}}), ShapeMismatch);
  auto broken = numbers({1, 3, 5}).clone();
  broken[0][1][1] = std::numeric_limits<float>::infinity();
  REQUIRE_THROWS_AS(graph.with_weights(Weights{{0, LayerGraph::view(broken)}}), NumericalError);
  REQUIRE_THROWS_AS(graph.with_weights(graph::WeightSet{{7, numbers({3, 5})}}), InvalidArgument);
  REQUIRE_THROWS_WITH(graph.with_weights(graph::WeightSet{{0, numbers({5, 3})}}), Contains("\"fc.weight\""));
  REQUIRE_THROWS_WITH(graph.layer_index("fcc"), Contains("\"fcc\"") && Contains("nearest names: 'fc'"));
}

TEST_CASE("a graph's identity is its operators, names and weights", "[graph]") {
  const auto network = [](const std::string& op, const std::string& name, double scale) {
    return graph_of({"def forward(self, x):\n  return " + op + "(torch.linear(x, self." + name + "))\n",
                     {{name, numbers({3, 5}, scale)}},
                     {},
                     {}},
                    numbers({1, 5}));
  };
  const auto graph = network("torch.relu", "a", 1);
  CHECK(graph.fingerprint() == network("torch.relu", "a", 1).fingerprint());
  CHECK(graph.fingerprint() != network("torch.tanh", "a", 1).fingerprint());
  CHECK(graph.fingerprint() != network("torch.relu", "b", 1).fingerprint());
  CHECK(graph.fingerprint() != network("torch.relu", "a", 2).fingerprint());
  const auto other = LayerGraph::view(numbers({1, 3, 5}, 3));
  CHECK(graph.fingerprint() == graph.with_weights(std::vector<LayerWeight>{{0, other}}).fingerprint());
}

TEST_CASE("only dense float tensors have a view", "[graph]") {
  REQUIRE_THROWS_AS(LayerGraph::view(at::zeros({2}, at::kLong)), InvalidArgument);
  REQUIRE_THROWS_WITH(LayerGraph::view(at::zeros({2, 3}, at::kHalf)), Contains("Half") && Contains("[2, 3]"));
  REQUIRE_THROWS_AS(LayerGraph::view(at::Tensor()), InvalidArgument);
  REQUIRE_THROWS_WITH(LayerGraph::view(at::eye(3).to_sparse()), Contains("to_dense"));
  auto view = LayerGraph::view(numbers({2, 3}).t());
  CHECK(extents(view) == Extents{3, 2});
  CHECK(view[1].to_vector<float>() ==
        std::vector<float>{numbers({6})[1].item<float>(), numbers({6})[4].item<float>()});
}
