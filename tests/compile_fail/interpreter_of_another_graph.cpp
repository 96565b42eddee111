// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// expected: constraints not satisfied|does not satisfy 'Interpreter
#include "contracts/archetypes.hpp"

struct OtherGraph {};

struct Interpreter {
#ifdef SPADE_CORRECTED
  using Graph = spade::archetypes::Graph;
#else
  using Graph = OtherGraph;
#endif
  spade::archetypes::Tensor attribute(const Graph&, const spade::archetypes::Tensor& input,
                                      const spade::Target&) const {
    return input;
  }
  std::string name() const {
    return "of one graph";
  }
};

auto explanation_of(const spade::archetypes::Graph& graph, const spade::archetypes::Sample& sample) {
  const spade::SparseTrace trace{spade::archetypes::Pruner(0), spade::archetypes::Augmenter(0), Interpreter{},
                                 spade::SparsityPlan::uniform(0.5)};
  return trace(graph, sample, 0);
}
