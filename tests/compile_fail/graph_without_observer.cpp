// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// expected: constraints not satisfied|does not satisfy 'TraceableGraph
#include "contracts/archetypes.hpp"

struct Graph {
  using Tensor = spade::archetypes::Tensor;
  static spade::TensorView view(const Tensor& tensor) { return tensor.view(); }
  std::span<const spade::Layer> layers() const { return {}; }
  Tensor forward(const Tensor& input) const { return input; }
#ifdef SPADE_CORRECTED
  Tensor forward(const Tensor& input, const spade::LayerObserver&) const {
    return input;
  }
#endif
  Graph with_weights(std::span<const spade::LayerWeight>) const {
    return *this;
  }
};

auto trace_of(const Graph& graph, const spade::archetypes::Sample& sample) {
  const spade::SparseTrace trace{spade::archetypes::Pruner(0), spade::archetypes::Augmenter(0),
                                 spade::archetypes::Interpreter(0), spade::SparsityPlan::uniform(0.5)};
  return trace.prune(graph, sample);
}
