// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include <spade/sparse_trace/job.hpp>
#include <spade/statistics/passes.hpp>

namespace spade::trace {

/// Prunes every layer on the inputs that it has in the dense network.
///
/// One forward pass over the copies, or more where `statistics_bytes` asks for it; every pass draws the same
/// copies again, because storing them could take more memory than the passes save.
template <class G, class S, class P, class A> void prune_independently(Job<G, S, P, A>& job) {
  const auto& layers = job.graph.layers();
  const auto passes =
      statistics::passes(layers, job.sparsity, job.pruner.statistics(), job.options.statistics_bytes);
  job.how.passes = static_cast<std::int64_t>(passes.size());
  job.all_work = job.how.passes * job.augmentation.count + job.layers_to_prune();

  for (const auto& group : passes) {
    std::vector<std::optional<statistics::GramAccumulator>> accumulators(layers.size());
    for (const auto index : group)
      accumulators[index].emplace(layers[index], job.gathering());
    job.draw([&](const typename G::Tensor& copies, std::int64_t count) {
      double observer_seconds = 0;
      const Stopwatch forward_time;
      (void)job.graph.forward(
          copies, LayerObserver([&](std::size_t layer, const TensorView& seen) {
            if (!accumulators[layer]) return;
            timed(observer_seconds,
                  [&] { accumulators[layer]->add(statistics::batch_first(seen, job.single_shapes[layer])); });
          }));
      job.how.statistics_seconds += observer_seconds;
      job.how.forward_seconds += forward_time.seconds() - observer_seconds;
      job.work_done += count;
    });
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
