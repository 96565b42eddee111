// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Networks on tokens, taken apart behind their embedding.
#include <spade/graph/behind_embedding.hpp>

#include <algorithm>

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <catch2/catch.hpp>

#include <spade/core/error.hpp>
#include <spade/graph/tape.hpp>

#include "graph/token_network.hpp"

using Catch::Matchers::Contains;
using namespace spade;
using testing::graph_of;
using testing::token_ids;
using testing::token_network;

namespace {

LayerGraph tokens(const std::string& forward) {
  return graph_of(token_network(forward), token_ids(1, 6));
}

/// The graph behind the embedding, once it is the network bit for bit on several shapes.
LayerGraph checked(const LayerGraph& network) {
  for (const bool gradients : {false, true}) {
    const c10::AutoGradMode mode(gradients);
    for (const auto& ids : {token_ids(1, 6), token_ids(3, 6), token_ids(2, 11), token_ids(1, 1)}) {
      const auto [graph, embeddings] = behind_embedding(network, ids);
      REQUIRE(embeddings.sizes() == at::IntArrayRef({ids.size(0), ids.size(1), 8}));
      CHECK_FALSE(embeddings.requires_grad());
      CHECK(at::equal(graph.forward(embeddings), network.forward(ids)));
    }
  }
  // One graph for all ids.
  const auto graph = behind_embedding(network, token_ids(1, 6)).graph;
  for (const auto& ids : {token_ids(3, 6), token_ids(2, 11)})
    CHECK(at::equal(graph.forward(behind_embedding(network, ids).embeddings), network.forward(ids)));
  return graph;
}

std::vector<std::string> layer_names(const LayerGraph& graph) {
  std::vector<std::string> names;
  for (const auto& layer : graph.layers())
    names.push_back(layer.name);
  return names;
}

std::vector<std::string> parameter_names(const LayerGraph& graph) {
  std::vector<std::string> names;
  for (const auto& parameter : graph.program().parameters)
    names.push_back(parameter.name);
  return names;
}

/// The text of the refusal.
std::string refusal(const std::string& forward, const at::Tensor& ids = token_ids(1, 6)) {
  const auto network = graph_of(token_network(forward), ids);
  try {
    (void)behind_embedding(network, ids);
  } catch (const UnsupportedOperator& error) {
    return error.what();
  }
  return "not refused";
}

} // namespace

TEST_CASE("behind its embedding a network on tokens is the same, bit for bit", "[graph][tokens]") {
  const auto network = graph_of(token_network(), token_ids(1, 6));
  const auto graph = checked(network);
  const auto ids = token_ids(2, 6);
  const auto [again, embeddings] = behind_embedding(network, ids);
  const auto& table = network.parameter(0);
  REQUIRE(network.program().parameters[0].name == "token.weight");
  CHECK(at::equal(embeddings, table.index_select(0, ids.flatten()).view({2, 6, 8})));

  CHECK(layer_names(graph) == layer_names(network));
  CHECK(layer_names(graph) == std::vector<std::string>{"query", "key", "value", "up", "down", "head"});
  CHECK(graph.program().example_shape == std::vector<std::int64_t>{1, 6, 8});
  CHECK(std::ranges::count(testing::operators(graph), "aten::embedding") == 0);
  CHECK(graph.nodes().size() == network.nodes().size()); // one less, and one that stands for the ids
  for (std::size_t i = 0; i < graph.nodes().size(); ++i)
    CHECK(graph.nodes()[i].id == i);
  CHECK(std::ranges::count(parameter_names(graph), "token.weight") == 0);
  for (std::size_t i = 0; i < graph.layers().size(); ++i) {
    const auto& ours = graph.parameter(graph.program().layer_parameters[i]);
    CHECK(ours.is_same(network.parameter(network.program().layer_parameters[i])));
    CHECK(graph.layers()[i].uses == network.layers()[i].uses);
  }
  CHECK(again.fingerprint() == graph.fingerprint());
  CHECK(graph.fingerprint() != network.fingerprint());
}

TEST_CASE("behind an embedding the layers see the same inputs", "[graph][tokens]") {
  const auto network = graph_of(token_network(), token_ids(1, 6));
  const auto ids = token_ids(3, 5);
  const auto [graph, embeddings] = behind_embedding(network, ids);
  const auto inputs = [](const LayerGraph& of, const at::Tensor& input) {
    std::vector<std::vector<float>> seen;
    (void)of.forward(input, LayerObserver([&](std::size_t layer, const TensorView& values) {
                       REQUIRE(layer == seen.size());
                       seen.push_back(values.to_vector<float>());
                     }));
    return seen;
  };
  CHECK(inputs(graph, embeddings).size() == 6);
  CHECK(inputs(graph, embeddings) == inputs(network, ids));

  const auto before = embeddings.clone();
  auto walk = graph.begin(embeddings);
  std::size_t stops = 0;
  while (graph.advance(walk))
    ++stops;
  CHECK(stops == 6);
  CHECK(at::equal(embeddings, before));
}

TEST_CASE("weights can be replaced on either side of the embedding", "[graph][tokens]") {
  const auto network = graph_of(token_network(), token_ids(1, 6));
  const auto ids = token_ids(3, 6);
  const auto [graph, embeddings] = behind_embedding(network, ids);
  const auto up = network.layer_index("up");
  const auto zeroed = at::zeros({1, 16, 8});
  const std::vector<LayerWeight> weights{{up, LayerGraph::view(zeroed)}};
  const auto after = graph.with_weights(weights);
  const auto before = behind_embedding(network.with_weights(weights), ids);
  CHECK(at::equal(before.graph.forward(embeddings), after.forward(embeddings)));
  CHECK_FALSE(at::equal(after.forward(embeddings), graph.forward(embeddings)));
  const auto& sparse = before.graph.layers()[up].weight;
  CHECK(sparse.to_vector<float>() == std::vector<float>(128, 0.0F));
  CHECK(before.graph.fingerprint() == graph.fingerprint());
  // The table, too.
  const graph::WeightSet table{{0, network.parameter(0) * 2}};
  CHECK(at::equal(behind_embedding(network.with_weights(table), ids).embeddings, embeddings * 2));
}

TEST_CASE("a tape behind an embedding gives the gradient", "[graph][tokens]") {
  const auto network = graph_of(token_network(at::kDouble), token_ids(1, 6));
  const auto opened = behind_embedding(network, token_ids(2, 6));
  const auto& embeddings = opened.embeddings;
  graph::Tape tape(opened.graph);
  const auto output = tape.forward(embeddings);
  const auto gradient = tape.backward(at::ones_like(output));
  REQUIRE(gradient.sizes() == embeddings.sizes());
  const auto shift = [&](std::int64_t element, double by) {
    auto moved = embeddings.clone();
    moved.view(-1)[element] += by;
    return opened.graph.forward(moved).sum().item<double>();
  };
  for (const std::int64_t element : {0, 13, 50, 95}) {
    const double slope = (shift(element, 1e-5) - shift(element, -1e-5)) / 2e-5;
    CHECK(gradient.view(-1)[element].item<double>() == Approx(slope).epsilon(1e-6).margin(1e-9));
  }
}

TEST_CASE("what only measures the ids measures the embeddings", "[graph][tokens]") {
  SECTION("a size from the end, the number of ids, their shape as a list") {
    (void)checked(tokens("def forward(self, ids):\n"
                         "  x = torch.embedding(self.token.weight, ids) + self.position[:ids.size(-1)]\n"
                         "  x = x * (ids.numel() / ids.size(0)) + len(ids.size())\n"
                         "  return torch.linear(x.view(ids.size() + [8]).mean([1]), self.head.weight)\n"));
  }
  SECTION("segments of zeros, positions expanded to the ids") {
    const auto graph =
        checked(tokens("def forward(self, ids):\n"
                       "  places = torch.arange(ids.size(1)).unsqueeze(0).expand_as(ids)\n"
                       "  x = torch.embedding(self.token.weight, ids)\n"
                       "  x = x + torch.embedding(self.segment.weight, torch.zeros_like(ids))\n"
                       "  x = x + torch.embedding(self.segment.weight, torch.ones_like(ids)) * 0.5\n"
                       "  x = x + torch.embedding(self.position, places)\n"
                       "  return torch.linear(x.mean([1]), self.head.weight)\n"));
    CHECK(std::ranges::count(testing::operators(graph), "aten::embedding") == 3);
    CHECK(std::ranges::count(parameter_names(graph), "segment.weight") == 1);
  }
  SECTION("all other ways to ask for shape, type and device") {
    const auto graph = checked(
        tokens("def forward(self, ids):\n"
               "  kinds = ids.new_zeros([ids.size(0), ids.size(1)]) + ids.new_ones([1])\n"
               "  kinds = kinds * torch.full_like(ids, 1) * ids.new_full([1], 1)\n"
               "  kinds = kinds + torch.zeros(ids.size(), dtype=ids.dtype, device=ids.device)\n"
               "  places = torch.arange(ids.numel()).remainder(12).view_as(ids).t().reshape_as(ids)\n"
               "  places = places * torch.ones([1]).type_as(ids) * torch.ones([1]).to(ids)\n"
               "  x = torch.embedding(self.token.weight, ids) + torch.embedding(self.position, places)\n"
               "  x = (x + torch.embedding(self.segment.weight, kinds)) * (len(ids) + ids.dim())\n"
               "  return torch.linear(x.mean([1]), self.head.weight)\n"));
    const auto used = testing::operators(graph);
    for (const auto* op : {"aten::new_zeros", "aten::new_ones", "aten::full_like", "aten::new_full",
                           "prim::dtype", "prim::device", "aten::view_as", "aten::reshape_as",
                           "aten::type_as", "aten::to", "aten::len", "aten::dim", "aten::numel"}) {
      CAPTURE(op);
      CHECK(std::ranges::count(used, op) == 1);
    }
  }
  SECTION("the ids in another shape and type") {
    (void)checked(tokens("def forward(self, ids):\n"
                         "  rows = ids.view([-1, ids.size(-1)]).contiguous()\n"
                         "  x = torch.embedding(self.token.weight, rows.to(3)) + "
                         "self.position[:rows.size(1)]\n"
                         "  return torch.linear(x.sum([1]) / ids.size(1), self.head.weight)\n"));
  }
}

TEST_CASE("the embedding may read what is computed from the ids", "[graph][tokens]") {
  const auto graph = checked(tokens("def forward(self, ids):\n"
                                    "  x = torch.embedding(self.token.weight, (ids * 3 + 1).remainder(20))\n"
                                    "  return torch.linear(x.mean([1]), self.head.weight)\n"));
  CHECK(testing::operators(graph) == std::vector<std::string>{"aten::mean", "aten::linear"});
}

TEST_CASE("a table that the head shares stays one parameter behind the embedding", "[graph][tokens]") {
  const auto graph = checked(tokens("def forward(self, ids):\n"
                                    "  x = torch.embedding(self.token.weight, ids)\n"
                                    "  return torch.linear(x.mean([1]), self.token.weight)\n"));
  CHECK(layer_names(graph) == std::vector<std::string>{"token"});
}

TEST_CASE("a network on whose output ids have another way is not taken apart", "[graph][tokens]") {
  CHECK_THAT(refusal("def forward(self, ids):\n"
                     "  x = torch.embedding(self.token.weight, ids)\n"
                     "  mask = torch.ne(ids, 0).unsqueeze(-1)\n"
                     "  return torch.linear((x * mask).sum([1]), self.head.weight)\n"),
             Contains("behind_embedding: aten::ne (node 1) reads the values of the ids") &&
                 Contains("aten::embedding (node 0)") && Contains("mask"));
  CHECK_THAT(refusal("def forward(self, ids):\n"
                     "  x = torch.embedding(self.token.weight, ids)\n"
                     "  ends = torch.argmax(ids, dim=1)\n"
                     "  x = x[torch.arange(ids.size(0)), ends]\n"
                     "  return torch.linear(x, self.head.weight)\n"),
             Contains("aten::argmax"));
  // A path through the network that depends on the values.
  CHECK_THAT(refusal("def forward(self, ids):\n"
                     "  x = torch.embedding(self.token.weight, ids)\n"
                     "  if bool(torch.any(torch.gt(ids, 30))):\n"
                     "    x = x * 2\n"
                     "  return torch.linear(x.mean([1]), self.head.weight)\n"),
             Contains("aten::gt"));
  // A shape that depends on the values.
  CHECK_THAT(refusal("def forward(self, ids):\n"
                     "  x = torch.embedding(self.token.weight, ids)\n"
                     "  x = x * torch.nonzero(ids).size(0)\n"
                     "  return torch.linear(x.mean([1]), self.head.weight)\n"),
             Contains("aten::nonzero"));
}

TEST_CASE("one embedding of the ids is needed to begin behind it", "[graph][tokens]") {
  CHECK_THAT(
      refusal("def forward(self, ids):\n"
              "  x = torch.embedding(self.token.weight, ids)\n"
              "  x = x + torch.embedding(self.segment.weight, ids.remainder(2))\n"
              "  return torch.linear(x.mean([1]), self.head.weight)\n"),
      Contains("several embeddings read its input, aten::embedding (node 0) and aten::embedding (node 2)"));
  CHECK_THAT(refusal("def forward(self, ids):\n"
                     "  x = torch.one_hot(ids, 20).to(6)\n"
                     "  return torch.linear(x.mean([1])[:, :8], self.head.weight)\n"),
             Contains("no embedding reads its input; what does is aten::one_hot (node 0)"));
  CHECK_THAT(refusal("def forward(self, ids):\n"
                     "  return torch.embedding(self.token.weight, ids)\n"),
             Contains("its output is not computed behind the embedding, aten::embedding (node 0)"));
  CHECK_THAT(refusal("def forward(self, ids):\n"
                     "  x = torch.embedding(self.token.weight, ids)\n"
                     "  y = ids.clone()\n"
                     "  if bool(torch.gt(x.sum(), 1000)):\n"
                     "    y = y + 1\n"
                     "  return y\n"),
             Contains("its output is not computed behind the embedding"));
}

TEST_CASE("the shape of the ids must be that of what the embedding reads", "[graph][tokens]") {
  CHECK_THAT(refusal("def forward(self, ids):\n"
                     "  x = torch.embedding(self.token.weight, ids[:, 1:])\n"
                     "  return torch.linear(x.sum([1]) / ids.size(1), self.head.weight)\n"),
             Contains("aten::size") && Contains("asks for the shape of the ids") &&
                 Contains("computed from them"));
  // The same elements in another shape, with these ids.
  const std::string rows = "def forward(self, ids):\n"
                           "  x = torch.embedding(self.token.weight, ids.view([-1, 6]))\n"
                           "  x = x.view([ids.size(0), -1, 8])\n"
                           "  return torch.linear(x.mean([1]), self.head.weight)\n";
  CHECK_THAT(refusal(rows, token_ids(1, 12)), Contains("asks for the shape of the ids"));
  CHECK(refusal(rows, token_ids(2, 6)) == "not refused");
}

TEST_CASE("what are no ids, or not these, is refused", "[graph][tokens]") {
  const auto network = graph_of(token_network(), token_ids(1, 6));
  CHECK_THROWS_AS(behind_embedding(network, at::ones({1, 6})), InvalidArgument);
  CHECK_THROWS_WITH(behind_embedding(network, at::ones({1, 6})), Contains("of type Float"));
  CHECK_THROWS_WITH(behind_embedding(network, at::ones({1, 6}, at::kBool)), Contains("of type Bool"));
  CHECK_THROWS_AS(behind_embedding(network, {}), InvalidArgument);
  CHECK_THROWS_WITH(behind_embedding(network, {}), Contains("an undefined tensor"));
  const auto outside = at::full({1, 6}, 20, at::kLong);
  CHECK_THROWS_AS(behind_embedding(network, outside), ShapeMismatch);
  CHECK_THROWS_WITH(behind_embedding(network, outside), Contains("aten::embedding (node"));

  const auto graph = behind_embedding(network, token_ids(1, 6)).graph;
  CHECK_THROWS_AS(graph.forward(at::scalar_tensor(1)), ShapeMismatch);
  CHECK_THROWS_WITH(graph.forward(at::ones({2, 13, 8})), Contains("(behind its embedding)"));
  CHECK_THROWS_AS(behind_embedding(graph, token_ids(1, 6)), UnsupportedOperator);
}
