// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <spade/augmenter.hpp>
#include <spade/core/progress.hpp>
#include <spade/core/target.hpp>
#include <spade/interpreter.hpp>
#include <spade/pruner.hpp>
#include <spade/sparsity_plan.hpp>
#include <spade/traceable_graph.hpp>

namespace spade {

class LayerGraph;

/// How far the trace's decision on the sample is from the dense network's.
struct Fidelity {
  std::vector<double> dense;  ///< the dense network's output on the sample, one value per class
  std::vector<double> trace;  ///< the trace's
  double kl = 0;              ///< KL(softmax(dense) || softmax(trace)) in nats
  double relative_error = 0;  ///< ||trace - dense|| / ||dense||
  bool class_kept = false;    ///< the largest output is the same one
};

/// A network pruned for one sample, with what became of every layer.
template <TraceableGraph G>
class BasicTrace {
 public:
  BasicTrace(G graph, std::vector<LayerReport> layers, Fidelity fidelity);

  std::vector<LayerReport> layers;  ///< in order of execution; dense layers are listed with sparsity 0
  Fidelity fidelity;

  /// The sparse network: any interpreter takes it like the dense one.
  [[nodiscard]] const G& graph() const { return graph_; }

 private:
  G graph_;
};

/// What reproduces a trace, and where its time went.
struct Provenance {
  SparsityPlan plan;
  std::string pruner;
  std::string augmenter;
  std::int64_t augmentations = 0;
  std::uint64_t seed = 0;
  double augment_seconds = 0;
  double forward_seconds = 0;     ///< forward passes over the augmented copies
  double statistics_seconds = 0;  ///< Gram matrices
  double prune_seconds = 0;
};

/// One interpreter's view of one decision, through the trace and, for comparison, through the dense network.
template <TraceableGraph G>
struct BasicExplanation {
  typename G::Tensor attribution;        ///< of the trace; the input's shape
  typename G::Tensor dense_attribution;  ///< of the dense network
  typename G::Tensor input;              ///< what was explained
  std::optional<typename G::Tensor> picture;  ///< [C, H, W] in [0, 1], where the sample came from one
  std::int64_t target = 0;
  std::string interpreter;
  BasicTrace<G> trace;
  Provenance provenance;
  double attribution_seconds = 0;
  double dense_attribution_seconds = 0;
};

using Trace = BasicTrace<LayerGraph>;
using Explanation = BasicExplanation<LayerGraph>;

}  // namespace spade
