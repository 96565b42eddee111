// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <spade/augmenter.hpp>
#include <spade/core/progress.hpp>
#include <spade/pruner.hpp>
#include <spade/sparse_trace/block_size.hpp>
#include <spade/statistics/gram_accumulator.hpp>
#include <spade/statistics/passes.hpp>
#include <spade/trace.hpp>
#include <spade/trace/checks.hpp>
#include <spade/trace/options.hpp>
#include <spade/trace/stopwatch.hpp>

namespace spade::trace {

/// What one trace is computed from, and what has become of it so far. Either propagation fills it.
template <class G, class S, class P, class A> struct Job {
  const G& graph;
  const S& sample;
  const P& pruner;
  const Augmentation<A>& augmentation;
  const TraceOptions& options;
  std::vector<double> sparsity; ///< by layer
  UseShapes single_shapes;      ///< of what the layers see of one sample; see `batch_first`
  std::int64_t copies_at_once;  ///< in one block

  Provenance how;
  std::vector<LayerReport> reports; ///< by layer
  std::vector<LayerWeight> weights; ///< of the layers pruned so far
  std::int64_t work_done = 0;
  std::int64_t all_work = 0;
  std::thread::id caller = std::this_thread::get_id();

  /// Tells how far the work is, which the calling thread alone does; any thread learns that it should stop.
  /// @throws Interrupted
  void report(std::string_view stage) const {
    const auto& progress = options.progress;
    const bool reports = std::this_thread::get_id() == caller;
    (reports ? progress : Progress{.stop = progress.stop})(stage, work_done, all_work);
  }

  [[nodiscard]] std::int64_t blocks() const {
    return (augmentation.count + copies_at_once - 1) / copies_at_once;
  }

  [[nodiscard]] std::int64_t layers_to_prune() const {
    return std::ranges::count_if(sparsity, [](double fraction) { return fraction > 0; });
  }

  [[nodiscard]] statistics::GramAccumulator::Options gathering() const {
    return {pruner.statistics(), options.positions_per_column, augmentation.count, augmentation.seed};
  }

  /// What a use of a layer sees of a block of copies, with the dimension first that counts them. Of each use,
  /// the blocks come in order: the first shows which dimension that is, and a last one of one copy does not.
  [[nodiscard]] TensorView batch_first(const TensorView& seen, std::size_t layer, std::size_t use) {
    auto& shape = single_shapes[layer][use];
    const auto result = statistics::batch_first(seen, shape);
    const auto differs = std::ranges::mismatch(shape, seen.extents()).in1;
    if (differs != shape.end()) *differs = statistics::copies_dimension;
    return result;
  }

  /// Prunes one layer.
  void solve(std::size_t layer, const LayerProblem& problem) {
    report("pruning");
    const Stopwatch watch;
    LayerSolution solution = pruner.prune(problem, sparsity[layer]);
    check_solution(solution.weight, graph.layers()[layer], how.pruner);
    reports[layer] = std::move(solution.report);
    weights.push_back({layer, std::move(solution.weight)});
    how.prune_seconds += watch.seconds();
    ++work_done;
  }
};

} // namespace spade::trace
