// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Sparse traces of a scripted network: the parts in the box together.
#include <limits>
#include <stop_token>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <catch2/catch.hpp>

#include <spade/core/error.hpp>
#include <spade/core/parallel.hpp>
#include <spade/interpreters/input_x_gradient.hpp>
#include <spade/interpreters/saliency.hpp>
#include <spade/pruners/magnitude.hpp>
#include <spade/recipes.hpp>
#include <spade/sample.hpp>

#include "graph/scripted.hpp"
#include "support/threads.hpp"

namespace {

using namespace spade;
using Catch::Matchers::Contains;
using interpreters::Saliency;

/// Two convolutions, one of them strided, and a linear layer that is used twice.
LayerGraph network() {
  using testing::numbers;
  const auto layer = [](at::IntArrayRef shape) {
    return testing::Scripted{
        "def forward(self, x):\n  return x\n", {{"weight", numbers(shape, 0.3)}}, {}, {}};
  };
  return testing::graph_of(
      {"def forward(self, x):\n"
       "  x = torch.relu(torch.conv2d(x, self.conv1.weight, None, [1, 1], [1, 1]))\n"
       "  x = torch.relu(torch.conv2d(x, self.conv2.weight, None, [2, 2], [1, 1]))\n"
       "  x = torch.relu(torch.linear(x.mean([2, 3]), self.fc.weight))\n"
       "  return torch.linear(x, self.fc.weight)\n",
       {},
       {},
       {{"conv1", layer({8, 3, 3, 3})}, {"conv2", layer({10, 8, 3, 3})}, {"fc", layer({10, 10})}}},
      at::zeros({1, 3, 12, 12}));
}

Sample picture() {
  return {testing::numbers({3, 12, 12}, 0.5).abs().clamp_max(1), Preprocess::none()};
}

auto spade_of(double sparsity, TraceOptions options = {}) {
  return recipes::fast_spade(Saliency{}, SparsityPlan::uniform(sparsity), {.count = 40, .seed = 3},
                             std::move(options));
}

std::vector<at::Tensor> weights(const LayerGraph& graph) {
  std::vector<at::Tensor> result;
  for (std::size_t i = 0; i < graph.layers().size(); ++i) {
    result.push_back(graph.parameter(graph.program().layer_parameters[i]).clone());
  }
  return result;
}

bool same(const std::vector<at::Tensor>& a, const std::vector<at::Tensor>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!at::equal(a[i], b[i])) return false;
  }
  return a.size() == b.size();
}

TEST_CASE("a network's trace has the planned sparsity and leaves the network alone", "[trace]") {
  const auto graph = network();
  const auto before = weights(graph);
  const auto sample = picture();
  const auto input = sample.input().clone();
  const auto explanation = spade_of(0.5)(graph, sample, 7);
  REQUIRE(explanation.trace.layers.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto weight = weights(explanation.trace.graph())[i];
    CHECK(weight.eq(0).to(at::kDouble).mean().item<double>() == Approx(0.5).margin(0.01));
    CHECK(explanation.trace.layers[i].sparsity == Approx(0.5).margin(0.01));
    CHECK(*explanation.trace.layers[i].relative_error < 0.5);
  }
  CHECK(explanation.attribution.sizes() == input.sizes());
  CHECK(at::equal(explanation.attribution, Saliency{}.attribute(explanation.trace.graph(), input, 7)));
  CHECK(at::equal(explanation.dense_attribution, Saliency{}.attribute(graph, input, 7)));
  CHECK(at::equal(*explanation.picture, *sample.picture()));
  CHECK(same(weights(graph), before));
  CHECK(at::equal(sample.input(), input));
  // Saved attributes of one trace explain it by another method, too.
  const auto other = explain(graph, explanation.trace, interpreters::InputXGradient{}, sample, 7);
  CHECK(other.interpreter == interpreters::InputXGradient{}.name());
  CHECK(at::equal(other.attribution,
                  interpreters::InputXGradient{}.attribute(explanation.trace.graph(), input, 7)));
}

TEST_CASE("a network's trace has the same bits every time", "[trace]") {
  const auto graph = network();
  const auto expected = weights(spade_of(0.7).prune(graph, picture()).graph());
  const int threads = at::get_num_threads();
  for (const int count : {1, 2, 3, 7}) {
    set_thread_count(count);
    at::set_num_threads(count);
    CHECK(same(weights(spade_of(0.7).prune(graph, picture()).graph()), expected));
  }
  set_thread_count(0);
  at::set_num_threads(threads);
  TraceOptions small;
  for (const auto& layer : graph.layers()) {
    small.statistics_bytes =
        std::max(small.statistics_bytes == (std::int64_t{2} << 30) ? 0 : small.statistics_bytes,
                 statistics::GramAccumulator::bytes(layer, Statistics::Full));
  }
  const auto trace = spade_of(0.7, small).prune(graph, picture());
  CHECK(trace.provenance.passes > 1);
  CHECK(same(weights(trace.graph()), expected));
}

TEST_CASE("a dense plan's trace is the network", "[trace]") {
  const auto graph = network();
  const auto explanation = spade_of(0)(graph, picture(), 2);
  CHECK(at::equal(explanation.attribution, explanation.dense_attribution));
  CHECK(explanation.trace.fidelity.kl == 0);
  CHECK(same(weights(explanation.trace.graph()), weights(graph)));
}

TEST_CASE("a trace of a trace starts from the sparse weights", "[trace]") {
  const auto graph = network();
  const SparseTrace half{pruners::Magnitude{}, augmenters::reference({.count = 1}), Saliency{},
                         SparsityPlan::uniform(0.5)};
  const SparseTrace most{pruners::Magnitude{}, augmenters::reference({.count = 1}), Saliency{},
                         SparsityPlan::uniform(0.9)};
  const auto once = most.prune(graph, picture());
  const auto twice = most.prune(half.prune(graph, picture()).graph(), picture());
  CHECK(same(weights(once.graph()), weights(twice.graph())));
  const auto dense_again = half.prune(once.graph(), picture());
  CHECK(same(weights(dense_again.graph()), weights(once.graph())));
}

TEST_CASE("an interrupted trace leaves the network alone", "[trace]") {
  const auto graph = network();
  const auto before = weights(graph);
  const auto fingerprint = graph.fingerprint();
  const tests::Threads scope(1); // how often the calling thread reports depends on how many others there are
  for (int at = 1; at < 6; ++at) {
    std::stop_source source;
    TraceOptions options;
    options.progress.stop = source.get_token();
    int reports = 0;
    options.progress.report = [&](std::string_view, std::int64_t, std::int64_t) {
      if (++reports == at) source.request_stop();
    };
    CHECK_THROWS_AS(spade_of(0.5, options)(graph, picture(), 1), Interrupted);
  }
  CHECK(same(weights(graph), before));
  CHECK(graph.fingerprint() == fingerprint);
}

TEST_CASE("bad input to a network's trace gets one clear sentence", "[trace]") {
  const auto graph = network();
  CHECK_THROWS_WITH(spade_of(0.5)(graph, picture(), 10),
                    Contains("class 10 is outside the network's 10 outputs, 0 to 9"));
  const auto unknown =
      recipes::fast_spade(Saliency{}, SparsityPlan::uniform(0.5).dense("conv3"), {.count = 4});
  CHECK_THROWS_WITH(unknown.prune(graph, picture()), Contains("'conv3'") && Contains("'conv1'"));
  CHECK_THROWS_WITH(recipes::fast_spade(Saliency{}, recipes::resnet(), {.count = 4}).prune(graph, picture()),
                    Contains("'layer1.*'"));
}

TEST_CASE("the named plans", "[trace]") {
  const auto graph = network();
  CHECK(recipes::depthwise_separable().resolve(graph.layers()) == std::vector<double>{0, 0.3, 0.5});
  const auto named = [](const char* name) { return Layer{name, {}, {}}; };
  const std::vector<Layer> resnet{named("conv1"),          named("layer1.0.conv1"), named("layer2.0.conv1"),
                                  named("layer3.0.conv1"), named("layer4.0.conv1"), named("fc")};
  CHECK(recipes::resnet().resolve(resnet) == std::vector<double>{0, 0.5, 0.8, 0.9, 0.95, 0.95});
  CHECK(recipes::for_network(graph.layers()).resolve(graph.layers()) == std::vector<double>{0, 0.5, 0.8});
  const std::vector<std::int64_t> extents{3, 1, 3};
  Layer filters = named("depthwise");
  filters.weight = TensorView::owning(std::vector<double>(9), extents);
  filters.window.kernel = {3};
  const auto& whole = graph.layers().front(); // of one group
  const std::vector<Layer> separable{whole, filters, whole, whole};
  CHECK(filters.depthwise());
  CHECK(recipes::for_network(separable).resolve(separable) == std::vector<double>{0, 0.3, 0.4, 0.6});
}

} // namespace
