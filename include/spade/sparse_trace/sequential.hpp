// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include <spade/core/error.hpp>
#include <spade/sparse_trace/blocks.hpp>
#include <spade/sparse_trace/job.hpp>
#include <spade/statistics/passes.hpp>
#include <spade/statistics/target_accumulator.hpp>
#include <spade/traceable_graph.hpp>

namespace spade::trace {

/// Prunes every layer on the inputs Y that it has once the layers before it are pruned, towards the output
/// W X that it has in the dense network: W* from statistics::Targets, then the pruner.
///
/// All copies go through both networks side by side, once, and wait before each layer until it is pruned. A
/// layer that is applied several times is pruned at its first use, on that use's inputs. The reports'
/// relative errors are ||W X - W' Y||^2 / ||W X||^2.
///
/// Memory: the values alive before one layer, of all copies in both networks.
/// Cost: two forward passes over the copies; per layer the Gram matrix, 2 R C multiply-adds per position for
/// the targets, C^3 / 3 flops for W*, and the pruner.
template <class G, class S, class P, class A>
requires SteppableGraph<G>
void prune_sequentially(Job<G, S, P, A>& job) {
  struct Pair {
    typename G::Walk dense;
    typename G::Walk sparse;
  };
  const auto& layers = job.graph.layers();
  job.how.passes = 1;
  std::int64_t layers_left = job.layers_to_prune();
  job.all_work = job.augmentation.count + 2 * layers_left;
  if (layers_left == 0) return;

  std::vector<Pair> pairs;
  Blocks<G, S, P, A> blocks(job);
  while (const auto block = blocks.next()) {
    pairs.push_back({job.graph.begin(block->copies), job.graph.begin(block->copies)});
    blocks.finished(*block);
  }
  job.how.augment_seconds += blocks.augment_seconds();

  G sparse = job.graph;
  std::vector<bool> visited(layers.size());
  while (layers_left > 0) {
    std::optional<statistics::GramAccumulator> gram;
    std::optional<statistics::TargetAccumulator> targets;
    std::optional<std::size_t> here;
    for (auto& pair : pairs) {
      job.options.progress("gathering statistics", job.work_done, job.all_work);
      const auto stops = timed(job.how.forward_seconds, [&] {
        return std::array{job.graph.advance(pair.dense), sparse.advance(pair.sparse)};
      });
      check_stops(stops, here, layers_left);
      here = stops[0]->layer;
      if (visited[*here] || job.sparsity[*here] == 0) continue;
      timed(job.how.statistics_seconds, [&] {
        if (!gram) {
          Layer first_use = layers[*here];
          first_use.uses = 1;
          gram.emplace(first_use, job.gathering());
          targets.emplace(first_use, job.gathering());
        }
        const auto seen = job.batch_first(stops[1]->input, *here, 0);
        gram->add(seen);
        targets->add(job.batch_first(stops[0]->input, *here, 0), seen);
      });
    }
    visited[*here] = true;
    if (!gram) continue;
    ++job.work_done;
    const auto seen = timed(job.how.statistics_seconds, [&] { return std::move(*gram).finish(); });
    const auto target = timed(job.how.statistics_seconds, [&] { return std::move(*targets).finish(); });
    job.solve(*here, timed(job.how.prune_seconds,
                           [&] { return target.retarget(seen, job.options.target_damping); }));
    job.reports[*here].relative_error = target.relative_error(seen, job.weights.back().weight);
    sparse = sparse.with_weights(std::array{job.weights.back()});
    --layers_left;
  }
}

} // namespace spade::trace
