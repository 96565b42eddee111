// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// What satisfies the contracts, what does not, and that SparseTrace asks for nothing beyond them.
#include <memory>

#include <catch2/catch.hpp>

#include "contracts/archetypes.hpp"

namespace {

using namespace spade;

static_assert(TraceableGraph<archetypes::Graph>);
static_assert(Augmenter<archetypes::Augmenter, archetypes::Sample>);
static_assert(Pruner<archetypes::Pruner>);
static_assert(Interpreter<archetypes::Interpreter, archetypes::Graph>);
static_assert(SampleFor<archetypes::Sample, archetypes::Graph>);

// Each lacks one thing, or has it wrong.
struct NoTensor : archetypes::Graph {
private:
  using Tensor = archetypes::Tensor;
};
struct NotCopyable : archetypes::Graph {
  std::unique_ptr<int> owned;
};
struct NoView : archetypes::Graph {
  static void view(const Tensor&);
};
struct LayersByName : archetypes::Graph {
  std::vector<std::string> layers() const;
};
struct NoObserver : archetypes::Graph {
  Tensor forward(const Tensor&) const;
};
struct ChangesInPlace : archetypes::Graph {
  void with_weights(std::span<const LayerWeight>);
};
struct ReturnsItsBase : archetypes::Graph {}; // with_weights gives an archetypes::Graph
static_assert(!TraceableGraph<int>);
static_assert(!TraceableGraph<NoTensor>);
static_assert(!TraceableGraph<NotCopyable>);
static_assert(!TraceableGraph<NoView>);
static_assert(!TraceableGraph<LayersByName>);
static_assert(!TraceableGraph<NoObserver>);
static_assert(!TraceableGraph<ChangesInPlace>);
static_assert(!TraceableGraph<ReturnsItsBase>);

struct OtherSample {};
struct NamelessAugmenter {
  archetypes::Tensor operator()(const archetypes::Sample&, std::int64_t, Rng&) const;
};
struct OneCopyAtATime {
  archetypes::Tensor operator()(const archetypes::Sample&, Rng&) const;
  std::string name() const;
};
struct SeededByHand { // a number for a seed: nobody would see how much was drawn
  archetypes::Tensor operator()(const archetypes::Sample&, std::int64_t, std::uint64_t) const;
  std::string name() const;
};
struct MutableAugmenter {
  archetypes::Tensor operator()(const archetypes::Sample&, std::int64_t, Rng&);
  std::string name() const;
};
struct DrawsNothing {
  void operator()(const archetypes::Sample&, std::int64_t, Rng&) const;
  std::string name() const;
};
struct CountsCopies {
  std::int64_t operator()(const archetypes::Sample&, std::int64_t, Rng&) const;
  std::string name() const;
};
static_assert(!Augmenter<archetypes::Augmenter, OtherSample>);
static_assert(!Augmenter<DrawsNothing, archetypes::Sample>);
static_assert(!Augmenter<CountsCopies, archetypes::Sample>);
static_assert(!Augmenter<NamelessAugmenter, archetypes::Sample>);
static_assert(!Augmenter<OneCopyAtATime, archetypes::Sample>);
static_assert(!Augmenter<SeededByHand, archetypes::Sample>);
static_assert(!Augmenter<MutableAugmenter, archetypes::Sample>);

struct NeedsNothingSaid {
  std::string name() const;
  LayerSolution prune(const LayerProblem&, double) const;
};
struct ReturnsAView {
  Statistics statistics() const;
  std::string name() const;
  TensorView prune(const LayerProblem&, double) const;
};
struct PrunesInPlace {
  Statistics statistics() const;
  std::string name() const;
  LayerSolution prune(LayerProblem&, double) const;
};
struct MutablePruner {
  Statistics statistics() const;
  std::string name() const;
  LayerSolution prune(const LayerProblem&, double);
};
static_assert(!Pruner<int>);
static_assert(!Pruner<NeedsNothingSaid>);
static_assert(!Pruner<ReturnsAView>);
static_assert(!Pruner<PrunesInPlace>);
static_assert(!Pruner<MutablePruner>);

struct OtherTensor {
  archetypes::Tensor attribute(const archetypes::Graph&, const OtherSample&, const Target&) const;
  std::string name() const;
};
struct ReturnsNothing {
  void attribute(const archetypes::Graph&, const archetypes::Tensor&, const Target&) const;
  std::string name() const;
};
struct ChangesTheGraph {
  archetypes::Tensor attribute(archetypes::Graph&, const archetypes::Tensor&, const Target&) const;
  std::string name() const;
};
static_assert(!Interpreter<OtherTensor, archetypes::Graph>);
static_assert(!Interpreter<ReturnsNothing, archetypes::Graph>);
static_assert(!Interpreter<ChangesTheGraph, archetypes::Graph>);
static_assert(!Interpreter<archetypes::Interpreter, int>);

struct InputByAnotherName {
  const archetypes::Tensor& tensor() const;
};
static_assert(!SampleFor<InputByAnotherName, archetypes::Graph>);
static_assert(!SampleFor<OtherSample, archetypes::Graph>);

TEST_CASE("a trace asks nothing of its parts beyond their contracts", "[contracts]") {
  const std::vector<std::int64_t> shape{1, 2, 3};
  const archetypes::Graph graph(
      Layer{"only", TensorView::owning(std::vector<float>{1, 2, 3, 4, 5, 6}, shape), {}});
  const archetypes::Sample sample(archetypes::Tensor({1, 1, 2}, {1, 3}));
  const SparseTrace trace{archetypes::Pruner(0), Augmentation{archetypes::Augmenter(0), 4, 1},
                          archetypes::Interpreter(0), SparsityPlan::uniform(0.5)};
  const auto explanation = trace(graph, sample, 0);
  CHECK(explanation.trace.fidelity.dense == std::vector<double>{9, 21});
  CHECK(explanation.trace.fidelity.trace == std::vector<double>{0, 21});
  CHECK(explanation.trace.graph().layers()[0].weight.to_vector<float>() ==
        std::vector<float>{0, 0, 0, 4, 5, 6});
  CHECK(graph.layers()[0].weight.to_vector<float>() == std::vector<float>{1, 2, 3, 4, 5, 6});
  CHECK(explanation.attribution.view().to_vector<float>() == std::vector<float>{1, 1, 2});
  CHECK_FALSE(explanation.picture.has_value());
}

} // namespace
