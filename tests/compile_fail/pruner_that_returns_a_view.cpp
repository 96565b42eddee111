// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// expected: constraints not satisfied|does not satisfy 'Pruner
#include "contracts/archetypes.hpp"

struct Pruner {
  spade::Statistics statistics() const { return spade::Statistics::None; }
  std::string name() const { return "identity"; }
#ifdef SPADE_CORRECTED
  spade::LayerSolution prune(const spade::LayerProblem& problem, double) const {
    return {problem.weight, {}};
  }
#else
  spade::TensorView prune(const spade::LayerProblem& problem, double) const {
    return problem.weight;
  }
#endif
};

spade::SparseTrace trace{Pruner{}, spade::archetypes::Augmenter(0), spade::archetypes::Interpreter(0),
                         spade::SparsityPlan::uniform(0.5)};
