// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include <spade/sparse_trace/blocks.hpp>
#include <spade/sparse_trace/job.hpp>
#include <spade/sparse_trace/side_by_side.hpp>
#include <spade/sparse_trace/turns.hpp>
#include <spade/statistics/gram_accumulator.hpp>
#include <spade/statistics/target_accumulator.hpp>
#include <spade/trace/checks.hpp>
#include <spade/trace/stopwatch.hpp>
#include <spade/traceable_graph.hpp>

namespace spade::trace {

/// A block of copies on its way through the dense network and the sparse one.
template <class G> struct Pair {
  std::int64_t index;
  typename G::Walk dense;
  typename G::Walk sparse;
};

/// What is gathered for the next layer to be pruned: the one before which all pairs have stopped.
struct NextLayer {
  std::optional<std::size_t> index;
  std::optional<statistics::GramAccumulator> gram;
  std::optional<statistics::TargetAccumulator> targets;

  void begin(std::size_t layer, Layer first_use, statistics::GramAccumulator::Options gathering) {
    first_use.uses = 1;
    gathering.drawn_only = true;
    index = layer;
    gram.emplace(first_use, gathering);
    targets.emplace(first_use, gathering);
  }
};

/// Carries a pair to the next layer that is still to be pruned, and adds what it sees there in both networks:
/// to the Gram matrix when it is the pair's turn, then to the targets when it is its turn there.
/// @param to_prune by layer
/// @returns the seconds that adding took
template <class G, class S, class P, class A>
double carry(Job<G, S, P, A>& job, const G& sparse, Pair<G>& pair, const std::vector<bool>& to_prune,
             Turns& turns, NextLayer& next) {
  const auto layers_left = std::ranges::count(to_prune, true);
  while (true) {
    const std::array stops{job.graph.advance(pair.dense), sparse.advance(pair.sparse)};
    check_stops(stops, std::nullopt, layers_left);
    const std::size_t layer = stops[0]->layer;
    if (!to_prune[layer]) continue;
    double seconds = 0;
    TensorView dense;
    TensorView seen;
    turns.in_turn(0, pair.index, [&] {
      timed(seconds, [&] {
        check_stops(stops, next.index, layers_left);
        if (!next.index) next.begin(layer, job.graph.layers()[layer], job.gathering());
        dense = job.batch_first(stops[0]->input, layer, 0);
        seen = job.batch_first(stops[1]->input, layer, 0);
        next.gram->add(seen);
      });
    });
    turns.in_turn(1, pair.index, [&] { timed(seconds, [&] { next.targets->add(dense, seen); }); });
    return seconds;
  }
}

/// Carries all pairs to the next layer.
template <class G, class S, class P, class A>
NextLayer advance(Job<G, S, P, A>& job, const G& sparse, std::vector<Pair<G>>& pairs,
                  const std::vector<bool>& to_prune) {
  NextLayer next;
  Turns turns(2); // the Gram matrix's and the targets'
  std::atomic<std::size_t> taken{0};
  const auto take = [&]() -> Pair<G>* {
    const std::size_t index = taken++;
    if (index >= pairs.size()) return nullptr;
    job.report("gathering statistics");
    return &pairs[index];
  };
  carry_side_by_side<G>(std::ssize(pairs), turns, take, [&](Pair<G>& pair) {
    return carry(job, sparse, pair, to_prune, turns, next);
  }).share_out(job.how, 0);
  return next;
}

/// Prunes every layer on the inputs Y that it has once the layers before it are pruned, towards the output
/// W X that it has in the dense network: W* from statistics::Targets, then the pruner.
///
/// All copies go through both networks, once, and wait before each layer until it is pruned. A layer that is
/// applied several times is pruned at its first use, on that use's inputs. The reports' relative errors are
/// ||W X - W' Y||^2 / ||W X||^2.
///
/// Where the graph is a ConcurrentGraph, thread_count() blocks, 16 at most, move on at the same time, each on
/// one thread, which those that wait help with its sums. The Gram matrix and the targets take one block at a
/// time each, in order, so the longer of the two bounds what more threads gain. Elsewhere one block moves at a
/// time, and sums use all threads. The bits do not depend on it.
///
/// Memory: the values alive before one layer, of all copies in both networks; and per thread what operators
/// need on the way to the next.
/// Cost: two forward passes over the copies, up to the last layer that is pruned; per layer the Gram matrix,
/// 2 R C multiply-adds per position for the targets, C^3 / 3 flops for W*, and the pruner.
template <class G, class S, class P, class A>
requires SteppableGraph<G>
void prune_sequentially(Job<G, S, P, A>& job) {
  job.how.passes = 1;
  std::int64_t layers_left = job.layers_to_prune();
  job.all_work = job.augmentation.count + 2 * layers_left;
  if (layers_left == 0) return;

  std::vector<Pair<G>> pairs;
  Blocks<G, S, P, A> blocks(job);
  while (const auto block = blocks.next()) {
    pairs.push_back({block->index, job.graph.begin(block->copies), job.graph.begin(block->copies)});
    blocks.finished(*block);
  }
  job.how.augment_seconds += blocks.augment_seconds();

  std::vector<bool> to_prune;
  for (const double fraction : job.sparsity)
    to_prune.push_back(fraction > 0);
  G sparse = job.graph;
  for (; layers_left > 0; --layers_left) {
    NextLayer next = advance(job, sparse, pairs, to_prune);
    const std::size_t layer = *next.index;
    to_prune[layer] = false;
    ++job.work_done;
    const auto seen = timed(job.how.statistics_seconds, [&] { return std::move(*next.gram).finish(); });
    const auto target = timed(job.how.statistics_seconds, [&] { return std::move(*next.targets).finish(); });
    job.solve(layer, timed(job.how.prune_seconds,
                           [&] { return target.retarget(seen, job.options.target_damping); }));
    job.reports[layer].relative_error = target.relative_error(seen, job.weights.back().weight);
    sparse = sparse.with_weights(std::array{job.weights.back()});
  }
}

} // namespace spade::trace
