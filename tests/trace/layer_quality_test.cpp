// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// How the pruners rank on layers of a trained network and a real picture; docs/pruners.md has the tables.
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <spade/augmenters.hpp>
#include <spade/graph/importer.hpp>
#include <spade/io/image.hpp>
#include <spade/pruners/exact.hpp>
#include <spade/pruners/fast.hpp>
#include <spade/pruners/forward_backward.hpp>
#include <spade/statistics/gram_accumulator.hpp>

using namespace spade;

namespace {

LayerProblem gather(const LayerGraph& graph, const Sample& sample, const std::string& name) {
  std::size_t wanted = 0;
  while (graph.layers().at(wanted).name != name)
    ++wanted;
  statistics::GramAccumulator accumulator(graph.layers()[wanted]);
  Rng rng(1);
  const auto batch = augmenters::reference({.count = 64, .seed = 1}).augmenter(sample, 64, rng);
  (void)graph.forward(batch, [&](std::size_t layer, const TensorView& input) {
    if (layer == wanted) accumulator.add(input);
  });
  return std::move(accumulator).finish();
}

template <class P> double error(const P& pruner, const LayerProblem& problem, double sparsity) {
  return pruner.prune(problem, sparsity).report.relative_error.value();
}

} // namespace

TEST_CASE("on a trained network's layers the pruners rank as documented", "[trace][shared]") {
  const char* chosen = std::getenv("SPADE_SHARED_DIR");
  const auto kit = std::filesystem::path(chosen != nullptr ? chosen : SPADE_SHARED_DIR) / "kit";
  if (!std::filesystem::exists(kit)) {
    WARN("not checked: " << kit << " does not exist; set SPADE_SHARED_DIR");
    return;
  }
  const auto sample =
      read_sample((kit / "pictures" / "000_trojan.png").string(), Preprocess::imagenet_normalisation());
  const auto graph = load_graph((kit / "resnet18_trojan.pt").string(), sample.input());
  const auto name = GENERATE(as<std::string>(), "layer1.0.conv1", "layer2.0.conv1");
  const auto problem = gather(graph, sample, name);
  REQUIRE(problem.positions >= 4 * problem.weight.extent(2));
  for (const double sparsity : {0.5, 0.8, 0.9, 0.95}) {
    CAPTURE(name, sparsity);
    const double exact = error(pruners::Exact(), problem, sparsity);
    const double fast = error(pruners::Fast(), problem, sparsity);
    const double refit = error(pruners::Fast{{.refit = true}}, problem, sparsity);
    CHECK(exact <= refit);
    CHECK(refit <= fast);
    if (sparsity == 0.9) CHECK(2 * refit <= fast);
    if (sparsity >= 0.8) CHECK(error(pruners::ForwardBackward(), problem, sparsity) <= exact);
  }
}
