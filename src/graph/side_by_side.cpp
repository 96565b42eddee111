// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Compiled with OpenMP where LibTorch is: at::parallel_for opens its parallel region in the caller's code.
#include <algorithm>
#include <optional>

#include <ATen/Parallel.h>
#include <ATen/ThreadLocalState.h>
#include <c10/core/GradMode.h>

#include <spade/core/parallel.hpp>
#include <spade/layer_graph.hpp>

namespace spade {

void LayerGraph::side_by_side(std::int64_t threads, const std::function<void()>& work) {
  const at::ThreadLocalState caller;
  const auto run = [&](std::int64_t begin, std::int64_t end) {
    const at::ThreadLocalStateGuard same_state(caller);
    const c10::AutoGradMode no_gradients(false);
    for (std::int64_t thread = begin; thread < std::min(end, threads); ++thread) {
      std::optional<SerialRegion> serial;
      if (at::in_parallel_region()) serial.emplace();
      work();
    }
  };
  // A range of one would not open a parallel region, and its operators would use all threads.
  at::parallel_for(0, std::max<std::int64_t>(threads, 2), 1, run);
}

} // namespace spade
