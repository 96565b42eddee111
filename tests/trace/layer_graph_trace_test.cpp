// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Sparse traces of a scripted network: the parts in the box together.
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
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

/// The same network, which cannot stop on its way.
struct Whole : LayerGraph {
  Whole(LayerGraph graph) : LayerGraph(std::move(graph)) {} // NOLINT(google-explicit-constructor)
  Walk begin(const at::Tensor&) const = delete;
  Whole with_weights(std::span<const LayerWeight> weights) const { return LayerGraph::with_weights(weights); }
};
static_assert(TraceableGraph<Whole> && !SteppableGraph<Whole>);

TEST_CASE("a pass that ends at the last pruned layer gives a whole one's bits", "[trace]") {
  const auto graph = network();
  for (const char* last : {"conv1", "conv2", "fc"}) {
    CAPTURE(last);
    const auto spade =
        recipes::fast_spade(Saliency{}, SparsityPlan::uniform(0).layer(last, 0.6), {.count = 40, .seed = 3});
    const auto trace = spade.prune(graph, picture());
    CHECK(same(weights(trace.graph()), weights(spade.prune(Whole(graph), picture()).graph())));
    CHECK_FALSE(same(weights(trace.graph()), weights(graph)));
  }
}

TEST_CASE("a sequential trace of a network has the same bits for any number of threads", "[trace]") {
  const auto graph = network();
  TraceOptions options;
  options.propagation = Propagation::Sequential;
  const int threads = at::get_num_threads();
  std::optional<std::vector<at::Tensor>> expected;
  for (const int count : {1, 2, 3}) {
    set_thread_count(count);
    at::set_num_threads(count);
    for (const bool gradients : {false, true}) {
      const c10::AutoGradMode mode(gradients);
      const auto found = weights(spade_of(0.7, options).prune(graph, picture()).graph());
      if (!expected) expected = found;
      CHECK(same(found, *expected));
    }
  }
  set_thread_count(0);
  at::set_num_threads(threads);
}

/// One convolution at two resolutions, the first before or after the second, and one linear layer for tokens
/// and for their mean.
LayerGraph shared_network(bool larger_first) {
  using testing::numbers;
  const auto layer = [](at::IntArrayRef shape) {
    return testing::Scripted{
        "def forward(self, x):\n  return x\n", {{"weight", numbers(shape, 0.3)}}, {}, {}};
  };
  const std::string halves = "torch.avg_pool2d(x, [2, 2])";
  return testing::graph_of({"def forward(self, x):\n"
                            "  a = torch.conv2d(" +
                                (larger_first ? "x" : halves) +
                                ", self.head.weight, None, [1, 1], [1, 1])\n"
                                "  b = torch.conv2d(" +
                                (larger_first ? halves : "x") +
                                ", self.head.weight, None, [1, 1], [1, 1])\n"
                                "  tokens = torch.relu(torch.flatten(a, 2)).permute([2, 0, 1])\n"
                                "  mean = torch.linear(tokens, self.fc.weight).mean([0])\n"
                                "  return mean + torch.linear(torch.relu(b).mean([2, 3]), self.fc.weight)\n",
                            {},
                            {},
                            {{"head", layer({6, 3, 3, 3})}, {"fc", layer({6, 6})}}},
                           at::zeros({1, 3, 12, 12}));
}

/// Keeps what it is asked to prune, and prunes nothing.
struct Recorder {
  std::shared_ptr<std::vector<LayerProblem>> problems = std::make_shared<std::vector<LayerProblem>>();

  [[nodiscard]] Statistics statistics() const { return Statistics::Full; }
  [[nodiscard]] std::string name() const { return "recorder"; }
  [[nodiscard]] LayerSolution prune(const LayerProblem& problem, double) const {
    problems->push_back(problem);
    return {problem.weight, {problem.name}};
  }
};

/// X X^T of a convolution with a 3 x 3 kernel and one zero around, from the definition.
at::Tensor convolution_gram(const at::Tensor& x) {
  const auto columns = at::im2col(x.to(at::kDouble), {3, 3}, {1, 1}, {1, 1}, {1, 1});
  return at::matmul(columns, columns.transpose(1, 2)).sum(0);
}

double distance(const LayerProblem& problem, const at::Tensor& expected) {
  const auto columns = problem.gram.extent(1);
  auto elements = problem.gram.to_vector<double>();
  const auto gram = at::from_blob(elements.data(), {columns, columns}, at::kDouble);
  return ((gram - expected).norm() / expected.norm()).item<double>();
}

TEST_CASE("a layer that the network applies at two resolutions is gathered at both", "[trace]") {
  constexpr std::int64_t count = 17; // a block of sixteen, and one of one
  const auto sample = picture();
  const auto augmentation = augmenters::reference({.count = count, .seed = 3});
  Rng rng(3);
  const auto first = augmentation.augmenter(sample, 16, rng);
  const auto copies = at::cat({first, augmentation.augmenter(sample, 1, rng)});
  const auto halves = at::avg_pool2d(copies, {2, 2});
  for (const bool larger_first : {false, true}) {
    CAPTURE(larger_first);
    const auto graph = shared_network(larger_first);
    REQUIRE(graph.layers().size() == 2);
    REQUIRE(graph.layers()[0].uses == 2);
    REQUIRE(graph.layers()[1].uses == 2);
    const auto weight = graph.parameter(graph.program().layer_parameters[0]);
    const auto pixels = [&](const at::Tensor& x) {
      return at::relu(at::conv2d(x, weight, {}, {1, 1}, {1, 1})).flatten(2).to(at::kDouble);
    };
    const auto& one = larger_first ? copies : halves;
    const auto& other = larger_first ? halves : copies;
    const auto tokens = pixels(one).permute({1, 0, 2}).flatten(1);
    const auto mean = pixels(other).mean(2).t();
    for (const auto propagation : {Propagation::Independent, Propagation::Sequential}) {
      TraceOptions options;
      options.positions_per_column = 0;
      options.propagation = propagation;
      const bool both = propagation == Propagation::Independent; // else the first use alone
      const Recorder recorder;
      const SparseTrace trace{recorder, augmentation, Saliency{}, SparsityPlan::uniform(0.5), options};
      (void)trace.prune(graph, sample);
      REQUIRE(recorder.problems->size() == 2);
      const auto& head = recorder.problems->at(0);
      const auto& fc = recorder.problems->at(1);
      CHECK(distance(head, 2.0 / count *
                               (both ? convolution_gram(one) + convolution_gram(other)
                                     : convolution_gram(one))) < 1e-6);
      CHECK(distance(fc, 2.0 / count *
                             (both ? tokens.matmul(tokens.t()) + mean.matmul(mean.t())
                                   : tokens.matmul(tokens.t()))) < 1e-5);
      CHECK(head.samples == count);
      CHECK(head.positions == count * (both ? 144 + 36 : larger_first ? 144 : 36));
      CHECK(fc.positions == count * ((larger_first ? 144 : 36) + (both ? 1 : 0)));
    }
  }
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
