// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Explanations of a network on tokens, from behind its embedding.
#include <algorithm>
#include <cmath>
#include <utility>

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <catch2/catch.hpp>

#include <spade/augmenters.hpp>
#include <spade/core/error.hpp>
#include <spade/graph/behind_embedding.hpp>
#include <spade/interpreters/input_x_gradient.hpp>
#include <spade/interpreters/integrated_gradients.hpp>
#include <spade/interpreters/lrp.hpp>
#include <spade/interpreters/saliency.hpp>
#include <spade/pruners/fast.hpp>
#include <spade/sample.hpp>
#include <spade/sparse_trace.hpp>

#include "graph/token_network.hpp"

namespace {

using namespace spade;
using Catch::Matchers::Contains;
using interpreters::InputXGradient;
using interpreters::IntegratedGradients;
using interpreters::Lrp;
using interpreters::Saliency;
using testing::token_ids;
using testing::token_network;

template <class Augmenter, class Interpreter>
auto trace_of(Augmenter augmenter, Interpreter interpreter, double sparsity, std::uint64_t seed = 5) {
  return SparseTrace{pruners::Fast{}, Augmentation<Augmenter>{std::move(augmenter), 64, seed},
                     std::move(interpreter), SparsityPlan::uniform(sparsity)};
}

TEST_CASE("a decision on tokens is explained through its trace", "[trace][tokens]") {
  const auto network = testing::graph_of(token_network(at::kDouble), token_ids(1, 7));
  const auto [graph, embeddings] = behind_embedding(network, token_ids(1, 7));
  const Sample sample(embeddings);
  const IntegratedGradients interpreter;
  const auto spade = trace_of(augmenters::TokenDropout{}, interpreter, 0.6);
  const auto explanation = spade(graph, sample, 1);

  CHECK(explanation.attribution.sizes() == at::IntArrayRef({1, 7, 8}));
  CHECK_FALSE(explanation.picture.has_value());
  REQUIRE(explanation.trace.layers.size() == 6);
  CHECK(explanation.trace.layers.front().name == "query");
  for (std::size_t i = 0; i < 6; ++i) {
    const auto weight = explanation.trace.graph().layers()[i].weight.to_vector<double>();
    const auto zeros = static_cast<double>(std::ranges::count(weight, 0.0));
    CHECK(zeros / static_cast<double>(weight.size()) == Approx(0.6).margin(0.05));
  }
  CHECK(explanation.trace.provenance.augmenter == "token dropout (0.1)");
  CHECK_FALSE(at::equal(explanation.attribution, explanation.dense_attribution));

  // Complete: what the positions get adds up to what the score gains over the baseline.
  for (const auto& [of, attribution] : {std::pair{graph, explanation.dense_attribution},
                                        std::pair{explanation.trace.graph(), explanation.attribution}}) {
    const auto gain = of.forward(embeddings)[0][1] - of.forward(at::zeros_like(embeddings))[0][1];
    CHECK(std::abs(gain.item<double>()) > 1e-3);
    CHECK(attribution.sum().item<double>() == Approx(gain.item<double>()).margin(1e-6));
    CHECK(interpreter.completeness_gap(of, embeddings, 1, attribution).abs().item<double>() < 1e-6);
  }

  CHECK(at::equal(spade(graph, sample, 1).attribution, explanation.attribution));
  const auto other = trace_of(augmenters::TokenDropout{}, interpreter, 0.6, 6)(graph, sample, 1);
  CHECK_FALSE(at::equal(other.attribution, explanation.attribution));
}

TEST_CASE("a token's trace can be drawn with noise, and with a baseline for lost tokens", "[trace][tokens]") {
  const auto network = testing::graph_of(token_network(), token_ids(1, 7));
  const auto [graph, embeddings] = behind_embedding(network, token_ids(1, 7));
  const Sample sample(embeddings);
  const auto blank = behind_embedding(network, at::zeros({1, 1}, at::kLong)).embeddings;
  const augmenters::TokenDropout dropout({.probability = 0.3, .baseline = blank[0][0]});
  const auto noise = trace_of(augmenters::GaussianNoise{0.1}, Saliency{}, 0.5).prune(graph, sample);
  const auto both = trace_of(dropout | augmenters::GaussianNoise{0.1}, Saliency{}, 0.5).prune(graph, sample);
  for (const auto* trace : {&noise, &both}) {
    CHECK(trace->layers.size() == 6);
    CHECK(trace->fidelity.relative_error > 0);
    CHECK(trace->fidelity.relative_error < 1);
  }
  CHECK(noise.fidelity.trace != both.fidelity.trace);
  const auto dense = trace_of(dropout, Saliency{}, 0)(graph, sample, 2);
  CHECK(dense.trace.fidelity.kl == 0);
  CHECK(at::equal(dense.attribution, dense.dense_attribution));
}

TEST_CASE("gradient interpreters explain embeddings, alone and in a batch", "[trace][tokens]") {
  const auto network = testing::graph_of(token_network(at::kDouble), token_ids(1, 7));
  const auto opened = behind_embedding(network, token_ids(3, 7));
  const auto& graph = opened.graph;
  const auto& embeddings = opened.embeddings;
  for (const bool gradients : {false, true}) {
    const c10::AutoGradMode mode(gradients);
    const auto gradient = InputXGradient{}.attribute(graph, embeddings, 2) / embeddings;
    CHECK(at::allclose(Saliency{}.attribute(graph, embeddings, 2), gradient.abs(), 1e-9, 1e-12));
    const auto shifted = [&](double by) {
      auto moved = embeddings.clone();
      moved.select(1, 4).select(1, 2) += by;
      return graph.forward(moved).select(1, 2).detach();
    };
    const auto slope = (shifted(1e-5) - shifted(-1e-5)) / 2e-5;
    CHECK(at::allclose(gradient.select(1, 4).select(1, 2), slope, 1e-6, 1e-9));

    const auto integrated = IntegratedGradients{}.attribute(graph, embeddings, 2);
    for (std::int64_t sample = 0; sample < 3; ++sample) {
      const auto alone = IntegratedGradients{}.attribute(graph, embeddings.narrow(0, sample, 1), 2);
      CHECK(at::equal(alone, integrated.narrow(0, sample, 1)));
    }
    CHECK(
        IntegratedGradients{}.completeness_gap(graph, embeddings, 2, integrated).abs().max().item<double>() <
        1e-6);
  }
}

TEST_CASE("LRP explains embeddings where each operator has a rule, and names the one that has none",
          "[trace][tokens]") {
  const Lrp lrp{lrp::epsilon(1e-9)};
  const auto odd =
      testing::graph_of(token_network("def forward(self, ids):\n"
                                      "  x = torch.sin(torch.embedding(self.token.weight, ids))\n"
                                      "  return torch.linear(x.mean([1]), self.head.weight)\n"),
                        token_ids(1, 7));
  const auto refused = behind_embedding(odd, token_ids(1, 7));
  CHECK_THROWS_AS(lrp.attribute(refused.graph, refused.embeddings, 0), UnsupportedOperator);
  CHECK_THROWS_WITH(lrp.attribute(refused.graph, refused.embeddings, 0),
                    Contains("no rule for aten::sin (node"));

  const auto plain =
      testing::graph_of(token_network("def forward(self, ids):\n"
                                      "  x = torch.embedding(self.token.weight, ids)\n"
                                      "  x = x + torch.relu(torch.linear(x, self.query.weight))\n"
                                      "  return torch.linear(x.mean([1]), self.head.weight)\n",
                                      at::kDouble),
                        token_ids(1, 7));
  const auto opened = behind_embedding(plain, token_ids(2, 7));
  const auto relevance = lrp.attribute(opened.graph, opened.embeddings, 0);
  CHECK(relevance.sizes() == opened.embeddings.sizes());
  const auto shared = relevance.flatten(1).sum(1); // of a relevance of 1
  CHECK(at::allclose(shared, at::ones_like(shared), 1e-4));
}

} // namespace
