// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Forward passes that stop before each layer.
#include <ATen/ATen.h>
#include <catch2/catch.hpp>

#include <spade/core/error.hpp>
#include <spade/traceable_graph.hpp>

#include "graph/scripted.hpp"

using Catch::Matchers::Contains;
using namespace spade;
using testing::graph_of;
using testing::numbers;

namespace {

static_assert(SteppableGraph<LayerGraph>);
static_assert(ConcurrentGraph<LayerGraph>);

/// A residual network with a write in place; `shared` is applied twice.
LayerGraph network() {
  return graph_of(
      {"def forward(self, x):\n"
       "  y = torch.conv2d(x, self.first, None, [1, 1], [1, 1])\n"
       "  z = torch.conv2d(torch.relu(y), self.shared, None, [1, 1], [1, 1])\n"
       "  z += y\n"
       "  z = torch.conv2d(torch.relu(z), self.shared, None, [1, 1], [1, 1])\n"
       "  return torch.linear(torch.flatten(torch.relu_(z), 1), self.last)\n",
       {{"first", numbers({4, 2, 3, 3})}, {"shared", numbers({4, 4, 3, 3})}, {"last", numbers({3, 100})}},
       {},
       {}},
      numbers({1, 2, 5, 5}));
}

std::vector<double> values(const TensorView& view) {
  return view.to_vector<double>();
}

} // namespace

TEST_CASE("a walk stops before each use of a layer, with what the observer sees", "[graph][walk]") {
  const auto graph = network();
  const auto input = numbers({3, 2, 5, 5}, 2);
  std::vector<std::pair<std::size_t, std::vector<double>>> observed;
  const auto output = graph.forward(input, LayerObserver([&](std::size_t layer, const TensorView& seen) {
                                      observed.emplace_back(layer, values(seen));
                                    }));
  CHECK(at::equal(output, graph.forward(input)));
  const auto before = input.clone();
  auto walk = graph.begin(input);
  std::vector<std::size_t> order;
  for (const auto& [layer, seen] : observed) {
    const auto stop = graph.advance(walk);
    REQUIRE(stop);
    CHECK(stop->layer == layer);
    CHECK(values(stop->input) == seen);
    order.push_back(layer);
  }
  CHECK(order == std::vector<std::size_t>{0, 1, 1, 2});
  CHECK_FALSE(graph.advance(walk));
  CHECK_FALSE(graph.advance(walk));
  CHECK(at::equal(input, before));
}

TEST_CASE("a walk goes on with other weights, and walks do not disturb each other", "[graph][walk]") {
  const auto graph = network();
  const auto other = LayerGraph::view(numbers({1, 4, 36}, 0.5));
  const auto changed = graph.with_weights(std::vector<LayerWeight>{{1, other}});
  const auto input = numbers({2, 2, 5, 5}, 2);

  auto dense = graph.begin(input);
  auto mixed = graph.begin(input);
  std::vector<double> last_dense;
  std::vector<double> last_mixed;
  for (int step = 0; step < 4; ++step) {
    last_dense = values(graph.advance(dense)->input);
    // The first layer is the same in both, so the walk may begin on either.
    last_mixed = values((step < 2 ? graph : changed).advance(mixed)->input);
  }
  const auto seen_by_last = [&](const LayerGraph& of) {
    std::vector<double> seen;
    (void)of.forward(input, LayerObserver([&](std::size_t layer, const TensorView& view) {
                       if (layer == 2) seen = values(view);
                     }));
    return seen;
  };
  CHECK(last_dense == seen_by_last(graph));
  CHECK(last_mixed == seen_by_last(changed));
  CHECK(last_mixed != last_dense);
}

TEST_CASE("walks of other networks and inputs that do not fit are refused", "[graph][walk]") {
  const auto graph = network();
  auto walk = graph.begin(numbers({1, 2, 5, 5}));
  CHECK_THROWS_AS(network().advance(walk), InvalidArgument);
  CHECK_THROWS_WITH(network().advance(walk), Contains("begun on another network"));
  const auto taken = std::move(walk);
  CHECK_THROWS_AS(graph.advance(walk), InvalidArgument);
  CHECK_THROWS_AS(graph.begin(at::Tensor()), InvalidArgument);
  auto wrong = graph.begin(numbers({1, 3, 5, 5}));
  REQUIRE(graph.advance(wrong)); // stops before the first convolution, which refuses
  CHECK_THROWS_AS(graph.advance(wrong), ShapeMismatch);
  CHECK_THROWS_WITH(graph.advance(wrong), Contains("[1, 3, 5, 5]"));
}
