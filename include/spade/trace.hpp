// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <spade/core/tensor_view.hpp>
#include <spade/pruner.hpp>
#include <spade/sparsity_plan.hpp>
#include <spade/trace/options.hpp>
#include <spade/traceable_graph.hpp>

namespace spade {

class LayerGraph;

/// How far the trace's decision on the sample is from the dense network's.
struct Fidelity {
  std::vector<double> dense; ///< the dense network's output on the sample, one value per class
  std::vector<double> trace; ///< the trace's
  double kl = 0;             ///< KL(softmax(dense) || softmax(trace)) in nats
  double relative_error = 0; ///< ||trace - dense|| / ||dense||; 0 where both are 0
  bool class_kept = false;   ///< the largest output (the first of equals) is the same one
};

/// Compares two outputs of one sample, before any softmax. O(classes).
/// @throws ShapeMismatch where they differ in number, or are empty
/// @throws NumericalError where a value is not finite
[[nodiscard]] Fidelity fidelity(std::vector<double> dense, std::vector<double> trace);

/// What reproduces a trace, and where its time went.
struct Provenance {
  SparsityPlan plan;
  std::string pruner;
  std::string augmenter;
  std::int64_t augmentations = 0; ///< copies drawn
  std::uint64_t seed = 0;
  std::int64_t positions_per_column = 0; ///< cap on the positions used per layer; 0: all
  Propagation propagation = Propagation::Independent;
  std::int64_t passes = 0; ///< how often the copies ran through the network; 0: no statistics needed
  double augment_seconds = 0;
  double forward_seconds = 0;    ///< forward passes over the copies, without the statistics
  double statistics_seconds = 0; ///< Gram matrices
  double prune_seconds = 0;
  double seconds = 0; ///< all of it, checks and fidelity included
};

/// A network pruned for one sample: Sparse(M, s), with what became of every layer.
///
/// Copying it is as cheap as copying the graph.
template <class G> class BasicTrace {
  static_assert(
      TraceableGraph<G>); // not in the head, so that `Trace` can be named before LayerGraph is complete

public:
  BasicTrace(G graph, std::vector<LayerReport> reports, Fidelity on_sample, Provenance how)
      : layers(std::move(reports)), fidelity(std::move(on_sample)), provenance(std::move(how)),
        graph_(std::move(graph)) {}

  std::vector<LayerReport> layers; ///< in order of execution; dense layers are listed with sparsity 0
  Fidelity fidelity;               ///< on the sample itself
  Provenance provenance;

  /// The sparse network: any interpreter takes it like the dense one.
  [[nodiscard]] const G& graph() const { return graph_; }

private:
  G graph_;
};

/// One interpreter's view of one decision: through the trace and, for comparison, through the dense network.
template <class G> struct BasicExplanation {
  typename G::Tensor attribution;            ///< of the trace; the input's shape
  typename G::Tensor dense_attribution;      ///< of the dense network
  typename G::Tensor input;                  ///< what was explained
  std::optional<typename G::Tensor> picture; ///< what the network saw of it, [C, h, w] in [0, 1]
  std::int64_t target = 0;
  std::string interpreter;
  BasicTrace<G> trace;
  double attribution_seconds = 0;
  double dense_attribution_seconds = 0;
};

using Trace = BasicTrace<LayerGraph>;
using Explanation = BasicExplanation<LayerGraph>;

} // namespace spade
