// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// expected: constraints not satisfied|does not satisfy 'SampleFor
#include "contracts/archetypes.hpp"

struct Sample {
  spade::archetypes::Tensor tensor{{1, 2}, {1, 2}};
#ifdef SPADE_CORRECTED
  const spade::archetypes::Tensor& input() const {
    return tensor;
  }
#endif
};

struct Copies {
  spade::archetypes::Tensor operator()(const Sample& sample, std::int64_t, spade::Rng&) const {
    return sample.tensor;
  }
  std::string name() const { return "copies"; }
};

auto trace_of(const spade::archetypes::Graph& graph, const Sample& sample) {
  const spade::SparseTrace trace{spade::archetypes::Pruner(0), Copies{}, spade::archetypes::Interpreter(0),
                                 spade::SparsityPlan::uniform(0.5)};
  return trace.prune(graph, sample);
}
