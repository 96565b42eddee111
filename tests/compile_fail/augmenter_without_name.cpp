// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// expected: constraints not satisfied|does not satisfy 'Augmenter
#include "contracts/archetypes.hpp"

struct Copies {
  spade::archetypes::Tensor operator()(const spade::archetypes::Sample& sample, std::int64_t,
                                       spade::Rng&) const {
    return sample.input();
  }
#ifdef SPADE_CORRECTED
  std::string name() const {
    return "copies";
  }
#endif
};

auto trace_of(const spade::archetypes::Graph& graph, const spade::archetypes::Sample& sample) {
  const spade::SparseTrace trace{spade::archetypes::Pruner(0), Copies{}, spade::archetypes::Interpreter(0),
                                 spade::SparsityPlan::uniform(0.5)};
  return trace.prune(graph, sample);
}
