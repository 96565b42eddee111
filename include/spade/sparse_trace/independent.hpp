// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <vector>

#include <spade/sparse_trace/blocks.hpp>
#include <spade/sparse_trace/job.hpp>
#include <spade/sparse_trace/side_by_side.hpp>
#include <spade/sparse_trace/turns.hpp>
#include <spade/statistics/passes.hpp>
#include <spade/trace/checks.hpp>
#include <spade/traceable_graph.hpp>

namespace spade::trace {

using Accumulators = std::vector<std::optional<statistics::GramAccumulator>>; ///< by layer

/// Carries one block of copies through the network, as far as the last layer with an accumulator where the
/// graph can stop there; each accumulator gets its layer's inputs when it is the block's turn.
/// @returns the seconds that adding took
template <class G, class S, class P, class A>
double carry(Job<G, S, P, A>& job, const typename Blocks<G, S, P, A>::Block& block, Turns& turns,
             Accumulators& accumulators) {
  const auto& layers = job.graph.layers();
  std::vector<std::int64_t> uses(layers.size(), 0);
  std::int64_t to_come = 0;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (accumulators[i]) to_come += std::ssize(job.single_shapes[i]);
  }
  double seconds = 0;
  const auto observe = [&](std::size_t layer, const TensorView& seen) {
    if (!accumulators[layer]) return;
    const auto use = uses[layer]++;
    const auto count = std::ssize(job.single_shapes[layer]);
    if (use >= count) check_uses(layers[layer], use + 1);
    turns.in_turn(layer, block.index * count + use, [&] {
      timed(seconds,
            [&] { accumulators[layer]->add(job.batch_first(seen, layer, static_cast<std::size_t>(use))); });
    });
    --to_come;
  };
  if constexpr (SteppableGraph<G>) {
    auto walk = job.graph.begin(block.copies);
    while (to_come > 0) {
      const auto stop = job.graph.advance(walk);
      if (!stop) break;
      observe(stop->layer, stop->input);
    }
  } else {
    (void)job.graph.forward(block.copies, LayerObserver(observe));
  }
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (accumulators[i]) check_uses(layers[i], uses[i]);
  }
  return seconds;
}

/// One pass over the copies.
template <class G, class S, class P, class A> void gather(Job<G, S, P, A>& job, Accumulators& accumulators) {
  Blocks<G, S, P, A> blocks(job);
  Turns turns(accumulators.size());
  const auto effort = carry_side_by_side<G>(
      job.blocks(), turns, [&] { return blocks.next(); },
      [&](const auto& block) {
        const double adding = carry(job, block, turns, accumulators);
        blocks.finished(block);
        return adding;
      });
  effort.share_out(job.how, blocks.augment_seconds());
}

/// Prunes every layer on the inputs that it has in the dense network.
///
/// One pass over the copies, or more where `statistics_bytes` asks for it; every pass draws the same copies
/// again, because storing them could take more memory than the passes save. Where the graph is a
/// SteppableGraph a pass ends at the last layer of which it gathers statistics.
template <class G, class S, class P, class A> void prune_independently(Job<G, S, P, A>& job) {
  const auto& layers = job.graph.layers();
  const auto passes =
      statistics::passes(layers, job.sparsity, job.pruner.statistics(), job.options.statistics_bytes);
  job.how.passes = static_cast<std::int64_t>(passes.size());
  job.all_work = job.how.passes * job.augmentation.count + job.layers_to_prune();

  for (const auto& group : passes) {
    Accumulators accumulators(layers.size());
    for (const auto index : group)
      accumulators[index].emplace(layers[index], job.gathering());
    gather(job, accumulators);
    for (const auto index : group) {
      job.solve(index,
                timed(job.how.statistics_seconds, [&] { return std::move(*accumulators[index]).finish(); }));
      accumulators[index].reset();
    }
  }
  if (!passes.empty()) return;
  // The pruner looks at weights alone.
  for (std::size_t index = 0; index < layers.size(); ++index) {
    if (job.sparsity[index] == 0) continue;
    job.solve(index, {.name = layers[index].name,
                      .weight = layers[index].weight,
                      .columns_per_channel = layers[index].columns_per_channel()});
  }
}

} // namespace spade::trace
