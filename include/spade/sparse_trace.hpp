// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <spade/augmenter.hpp>
#include <spade/core/error.hpp>
#include <spade/core/target.hpp>
#include <spade/interpreter.hpp>
#include <spade/pruner.hpp>
#include <spade/sparse_trace/independent.hpp>
#include <spade/sparse_trace/sequential.hpp>
#include <spade/sparsity_plan.hpp>
#include <spade/trace.hpp>
#include <spade/trace/checks.hpp>
#include <spade/trace/options.hpp>
#include <spade/trace/stopwatch.hpp>
#include <spade/traceable_graph.hpp>

namespace spade {

/// What explanations are made of: one input, [1, ...], and perhaps `seen_picture()`, what it shows.
template <class S, class G>
concept SampleFor = requires(const S& sample) {
  { sample.input() } -> std::convertible_to<const typename G::Tensor&>;
};

/// Interprets a network's decision on one sample through the network pruned for that sample (SPADE:
/// moakhar2024spade, algorithm 1).
///
///     SparseTrace trace{pruners::Fast{}, augmenters::reference({.count = 1024}), interpreters::Saliency{},
///                       SparsityPlan::uniform(0.95)};
///     auto explanation = trace(graph, sample, target);
///
/// Augmented copies of the sample run through the dense network; the inputs X of every layer give its Gram
/// matrix; the pruner solves min ||W X - W' X|| for a sparse W', every layer on the dense network's inputs;
/// the interpreter explains the network with the weights W', on the sample itself. The graph and the sample
/// are not changed, whatever happens.
///
/// The same seed gives the same bits. A framework's kernels may round otherwise for another batch size
/// (LibTorch's convolutions do), and a trace can turn on the last bit; therefore how many copies run through the
/// network at a time depends on the sizes of the layers' inputs alone: 16, or fewer where these are large
/// (sparse_trace/block_size.hpp).
///
/// Cost: a forward pass over the copies (more by `statistics_bytes`), which ends at the last layer that is
/// pruned where the graph is a SteppableGraph; G C^2 multiply-adds per layer and position; the pruner. Where
/// the graph is a ConcurrentGraph, thread_count() such blocks, 16 at most, are on their way at the same time,
/// each with the memory of a forward pass.
template <Pruner P, class A, class I> class SparseTrace {
public:
  /// @throws InvalidArgument where a count of the augmentation or the options is not positive, or the damping
  /// negative or not finite
  SparseTrace(P pruner, Augmentation<A> augmentation, I interpreter, SparsityPlan plan,
              TraceOptions options = {});
  SparseTrace(P pruner, A augmenter, I interpreter, SparsityPlan plan, TraceOptions options = {})
      : SparseTrace(std::move(pruner), Augmentation<A>{std::move(augmenter)}, std::move(interpreter),
                    std::move(plan), std::move(options)) {}

  /// The trace alone, for any number of interpreters (see `explain`).
  /// @throws ShapeMismatch where the sample is not one sample, [1, ...], or a copy is not shaped like it
  /// @throws InvalidArgument where the plan does not fit the graph
  /// @throws InvalidArgument where a sequential propagation is asked of a graph that is no SteppableGraph, or
  /// with a pruner that does not look at inputs; a layer's statistics are over `statistics_bytes`; or a
  /// forward pass shows a layer more or less often than its Layer::uses says
  /// @throws NumericalError where a weight, the input or a value on the way is not finite
  /// @throws Interrupted when `options.progress.stop` asks for it; and what the graph, the augmenter and the
  /// pruner throw
  template <TraceableGraph G, SampleFor<G> S>
  requires Augmenter<A, S>
  [[nodiscard]] BasicTrace<G> prune(const G& graph, const S& sample) const {
    return prune(graph, sample, std::nullopt);
  }

  /// The trace and its explanation; throws as `prune`, and InvalidArgument where the network has no such
  /// output.
  template <TraceableGraph G, SampleFor<G> S>
  requires Augmenter<A, S> && Interpreter<I, G>
  [[nodiscard]] BasicExplanation<G> operator()(const G& graph, const S& sample, std::int64_t target) const;

  [[nodiscard]] const SparsityPlan& plan() const { return plan_; }
  [[nodiscard]] const TraceOptions& options() const { return options_; }

private:
  template <class G, class S>
  BasicTrace<G> prune(const G& graph, const S& sample, std::optional<std::int64_t> target) const;
  template <class G> void check_propagation() const;

  P pruner_;
  Augmentation<A> augmentation_;
  I interpreter_;
  SparsityPlan plan_;
  TraceOptions options_;
};

template <class P, class A, class I>
SparseTrace(P, Augmentation<A>, I, SparsityPlan, TraceOptions = {}) -> SparseTrace<P, A, I>;
template <class P, class A, class I>
SparseTrace(P, A, I, SparsityPlan, TraceOptions = {}) -> SparseTrace<P, A, I>;

/// Explains one decision through a trace that is there already.
/// @param target index of the output that is explained
/// @throws InvalidArgument where the network has no such output; and what the interpreter throws
/// Cost: the interpreter, twice: on the trace and on the dense network.
template <TraceableGraph G, Interpreter<G> I, SampleFor<G> S>
[[nodiscard]] BasicExplanation<G> explain(const G& dense, const BasicTrace<G>& trace, const I& interpreter,
                                          const S& sample, std::int64_t target);

template <Pruner P, class A, class I>
SparseTrace<P, A, I>::SparseTrace(P pruner, Augmentation<A> augmentation, I interpreter, SparsityPlan plan,
                                  TraceOptions options)
    : pruner_(std::move(pruner)), augmentation_(std::move(augmentation)),
      interpreter_(std::move(interpreter)), plan_(std::move(plan)), options_(std::move(options)) {
  const auto require_positive = [](std::int64_t value, const char* name) {
    if (value < 1)
      throw InvalidArgument(message("SparseTrace: ", name, " is ", value, "; it must be positive"));
  };
  require_positive(augmentation_.count, "the number of augmented copies");
  require_positive(options_.statistics_bytes, "statistics_bytes");
  if (options_.positions_per_column < 0)
    require_positive(options_.positions_per_column, "positions_per_column, where not 0,");
  if (!(options_.target_damping >= 0) || !std::isfinite(options_.target_damping)) {
    throw InvalidArgument(message("SparseTrace: target_damping is ", options_.target_damping,
                                  "; it must be finite and not negative"));
  }
}

template <Pruner P, class A, class I>
template <class G>
void SparseTrace<P, A, I>::check_propagation() const {
  if (options_.propagation == Propagation::Independent) return;
  if (pruner_.statistics() != Statistics::Full) {
    throw InvalidArgument(message("SparseTrace: propagation is sequential, but the pruner '",
                                  std::string(pruner_.name()),
                                  "' does not look at a layer's inputs; use Propagation::Independent"));
  }
  if constexpr (!SteppableGraph<G>) {
    throw InvalidArgument("SparseTrace: propagation is sequential, but this graph's forward pass cannot stop "
                          "before a layer (SteppableGraph); use Propagation::Independent");
  }
}

template <Pruner P, class A, class I>
template <class G, class S>
BasicTrace<G> SparseTrace<P, A, I>::prune(const G& graph, const S& sample,
                                          std::optional<std::int64_t> target) const {
  const trace::Stopwatch total_time;
  const std::int64_t count = augmentation_.count;
  const std::span<const Layer> layers = graph.layers();

  // Everything that can be wrong is found out before the work starts.
  trace::check_sample(G::view(sample.input()));
  auto sparsity = plan_.resolve(layers);
  trace::check_weights(layers);
  check_propagation<G>();
  trace::UseShapes single_shapes(layers.size());
  auto dense =
      trace::output_values(G::view(graph.forward(sample.input(), trace::note_shapes(single_shapes))));
  for (std::size_t i = 0; i < layers.size() && pruner_.statistics() != Statistics::None; ++i) {
    if (sparsity[i] > 0) trace::check_uses(layers[i], std::ssize(single_shapes[i]));
  }
  if (target) (void)Target(*target).per_sample(1, static_cast<std::int64_t>(dense.size()));

  const std::int64_t copies_at_once = trace::copies_at_once(single_shapes);
  trace::Job<G, S, P, A> job{.graph = graph,
                             .sample = sample,
                             .pruner = pruner_,
                             .augmentation = augmentation_,
                             .options = options_,
                             .sparsity = std::move(sparsity),
                             .single_shapes = std::move(single_shapes),
                             .copies_at_once = copies_at_once,
                             .how = {.plan = plan_,
                                     .pruner = pruner_.name(),
                                     .augmenter = augmentation_.augmenter.name(),
                                     .augmentations = count,
                                     .seed = augmentation_.seed,
                                     .positions_per_column = options_.positions_per_column,
                                     .propagation = options_.propagation},
                             .reports = {},
                             .weights = {}};
  for (const auto& layer : layers)
    job.reports.push_back({layer.name});
  if (options_.propagation == Propagation::Independent) {
    trace::prune_independently(job);
  } else if constexpr (SteppableGraph<G>) {
    trace::prune_sequentially(job);
  }

  G sparse = graph.with_weights(job.weights);
  Fidelity on_sample =
      fidelity(std::move(dense), trace::output_values(G::view(sparse.forward(sample.input()))));
  options_.progress("pruning", job.work_done, job.all_work);
  job.how.seconds = total_time.seconds();
  return {std::move(sparse), std::move(job.reports), std::move(on_sample), std::move(job.how)};
}

template <Pruner P, class A, class I> template <TraceableGraph G, SampleFor<G> S>
requires Augmenter<A, S> && Interpreter<I, G> BasicExplanation<G>
SparseTrace<P, A, I>::operator()(const G& graph, const S& sample, std::int64_t target) const {
  return explain(graph, prune(graph, sample, target), interpreter_, sample, target);
}

template <TraceableGraph G, Interpreter<G> I, SampleFor<G> S>
BasicExplanation<G> explain(const G& dense, const BasicTrace<G>& trace, const I& interpreter, const S& sample,
                            std::int64_t target) {
  const Target checked(target);
  (void)checked.per_sample(1, static_cast<std::int64_t>(trace.fidelity.dense.size()));
  double trace_seconds = 0;
  double dense_seconds = 0;
  auto attribution = trace::timed(
      trace_seconds, [&] { return interpreter.attribute(trace.graph(), sample.input(), checked); });
  auto dense_attribution =
      trace::timed(dense_seconds, [&] { return interpreter.attribute(dense, sample.input(), checked); });
  std::optional<typename G::Tensor> picture;
  if constexpr (requires { picture = sample.seen_picture(); }) picture = sample.seen_picture();
  return {std::move(attribution),
          std::move(dense_attribution),
          sample.input(),
          std::move(picture),
          target,
          interpreter.name(),
          trace,
          trace_seconds,
          dense_seconds};
}

} // namespace spade
