// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <ATen/ATen.h>
#include <catch2/catch.hpp>

#include <spade/core/error.hpp>
#include <spade/graph/importer.hpp>
#include <spade/graph/tape.hpp>

#include "graph/scripted.hpp"

using Catch::Matchers::Contains;
using namespace spade;
using testing::graph_of;
using testing::numbers;
using testing::Scratch;
using testing::Scripted;

namespace {

constexpr std::int64_t features = 6;
constexpr std::int64_t heads = 2;

const Scripted fused{R"(
def forward(self, x):
    y, w = torch._native_multi_head_attention(x, x, x, 6, 2, self.in_proj_weight, self.in_bias, self.out_weight, self.out_bias, None, False, True, None)
    return y.mean(1)
)",
                     {{"in_proj_weight", numbers({3 * features, features})},
                      {"in_bias", numbers({3 * features}, 0.1)},
                      {"out_weight", numbers({features, features}, 0.7)},
                      {"out_bias", numbers({features}, 0.2)}},
                     {},
                     {}};

/// Attention head by head and position by position, from the definition.
at::Tensor by_hand(const at::Tensor& x) {
  const auto width = features / heads;
  const auto packed = at::linear(x, numbers({3 * features, features}).to(at::kDouble),
                                 numbers({3 * features}, 0.1).to(at::kDouble));
  auto joined = at::zeros_like(x);
  std::vector<at::Tensor> parts;
  for (std::int64_t h = 0; h < heads; ++h) {
    const auto q = packed.narrow(2, h * width, width);
    const auto k = packed.narrow(2, features + h * width, width);
    const auto v = packed.narrow(2, 2 * features + h * width, width);
    std::vector<at::Tensor> positions;
    for (std::int64_t p = 0; p < x.size(1); ++p) {
      const auto scores = (k * q.narrow(1, p, 1)).sum(2) / std::sqrt(static_cast<double>(width));
      const auto weights = scores.exp() / scores.exp().sum(1, true);
      positions.push_back((weights.unsqueeze(2) * v).sum(1));
    }
    parts.push_back(at::stack(positions, 1));
  }
  return at::linear(at::cat(parts, 2), numbers({features, features}, 0.7).to(at::kDouble),
                    numbers({features}, 0.2).to(at::kDouble))
      .mean(1);
}

} // namespace

TEST_CASE("fused attention is taken apart into operators that have derivatives", "[graph]") {
  const auto input = numbers({3, 5, features});
  const auto graph = graph_of(fused, numbers({1, 5, features}));
  REQUIRE(graph.layers().size() == 2);
  CHECK(graph.layers()[0].name == "in_proj_weight");
  CHECK(graph.layers()[0].rows() == 3 * features);
  CHECK(graph.layers()[1].name == "out_weight");

  const auto leaf = input.to(at::kDouble).set_requires_grad(true);
  const auto expected = by_hand(leaf);
  CHECK(at::allclose(graph.forward(input).to(at::kDouble), expected, 1e-5, 1e-6));
  graph::Tape tape(graph);
  const auto seed = numbers({3, features});
  (void)tape.forward(input);
  expected.backward(seed.to(at::kDouble));
  CHECK(at::allclose(tape.backward(seed).to(at::kDouble), leaf.grad(), 1e-4, 1e-6));
}

TEST_CASE("fused attention that shows its weights computes them", "[graph]") {
  const std::string averaged = GENERATE("True", "False");
  auto shown = fused;
  const std::string hidden = "None, False, True, None)";
  shown.source.replace(shown.source.find(hidden), hidden.size(), "None, True, " + averaged + ", None)");
  const std::string result = "y.mean(1)";
  shown.source.replace(shown.source.find(result), result.size(), "torch.cat([y.mean(1), w.flatten(1)], 1)");
  const Scratch scratch;
  const auto path = scratch.save(shown);
  const auto graph = load_graph(path, numbers({1, 5, features}));
  const auto input = numbers({3, 5, features}, 2);
  const auto output = graph.forward(input);
  CHECK(output.size(1) == features + (averaged == "True" ? 1 : heads) * 5 * 5);
  CHECK(at::allclose(output, testing::source_forward(path, input), 1e-4, 1e-5));
}

TEST_CASE("a fused encoder layer is taken apart, the norm first or last", "[graph]") {
  const std::string order = GENERATE("True", "False");
  const std::string activation = GENERATE("True", "False");
  const Scripted encoder{"def forward(self, x):\n  return torch._transformer_encoder_layer_fwd(x, 6, 2, "
                         "self.iw, self.ib, self.ow, self.ob, " +
                             activation + ", " + order +
                             ", 1e-5, self.n1w, self.n1b, self.n2w, self.n2b, self.f1w, self.f1b, self.f2w, "
                             "self.f2b, None, None).mean(1)\n",
                         {{"iw", numbers({18, 6})},
                          {"ib", numbers({18})},
                          {"ow", numbers({6, 6})},
                          {"ob", numbers({6})},
                          {"n1w", numbers({6}) + 2.0},
                          {"n1b", numbers({6})},
                          {"n2w", numbers({6}) + 1.5},
                          {"n2b", numbers({6}, 2)},
                          {"f1w", numbers({8, 6})},
                          {"f1b", numbers({8})},
                          {"f2w", numbers({6, 8})},
                          {"f2b", numbers({6})}},
                         {},
                         {}};
  const Scratch scratch;
  const auto path = scratch.save(encoder);
  const auto graph = load_graph(path, numbers({1, 4, features}));
  CHECK(graph.layers().size() == 4);
  const auto input = numbers({3, 4, features}, 2);
  CHECK(at::allclose(graph.forward(input), testing::source_forward(path, input), 1e-4, 1e-5));
  graph::Tape tape(graph);
  CHECK(tape.backward(at::ones_like(tape.forward(input))).abs().sum().item<double>() > 0);
}

TEST_CASE("fused attention that is more than self-attention is refused with advice", "[graph]") {
  auto cross = fused;
  cross.source.replace(cross.source.find("(x, x, x"), 8, "(x, x * 2.0, x");
  REQUIRE_THROWS_AS(graph_of(cross, numbers({1, 5, features})), UnsupportedOperator);
  REQUIRE_THROWS_WITH(graph_of(cross, numbers({1, 5, features})),
                      Contains("outside torch.no_grad()") && Contains("differ"));
}
