// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// What GramAccumulator is compared with for 3 x 3 convolutions: LibTorch's im2col and the product X X^T, as
// published solvers gather their statistics, and the same im2col with spade's own symmetric rank update.
#include <spade/statistics/gram_accumulator.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <benchmark/benchmark.h>
#include <c10/core/InferenceMode.h>

#include <spade/layer_graph.hpp>
#include <spade/linalg/rank_update.hpp>

#include "cpu_time.hpp"
#include "statistics/gathered_layer.hpp"
#include "thread_limit.hpp"

namespace {

using spade::benchmarks::cpu_seconds;

constexpr std::int64_t copies_at_once = 16;

/// X of one chunk of copies, kernel 3 x 3, stride 1, padding 1: [N, 9 channels, pixels].
at::Tensor columns_of(const at::Tensor& copies) {
  return at::im2col(copies, {3, 3}, {1, 1}, {1, 1}, {1, 1});
}

/// H = (2/n) X X^T as a running mean over the chunks.
at::Tensor by_product(const at::Tensor& copies, std::int64_t count) {
  auto h = at::zeros({9 * copies.size(1), 9 * copies.size(1)});
  for (std::int64_t seen = 0; seen < count; seen += copies_at_once) {
    const auto all = static_cast<double>(seen + copies_at_once);
    h *= static_cast<double>(seen) / all;
    const auto x = std::sqrt(2 / all) * columns_of(copies).permute({1, 0, 2}).flatten(1);
    h += at::matmul(x, x.t());
  }
  return h;
}

/// H's lower triangle by symmetric rank updates, copy after copy as im2col lays them out.
at::Tensor by_rank_update(const at::Tensor& copies, std::int64_t count) {
  const std::int64_t rows = 9 * copies.size(1);
  auto h = at::zeros({rows, rows});
  for (std::int64_t seen = 0; seen < count; seen += copies_at_once) {
    const auto x = columns_of(copies);
    const std::int64_t pixels = x.size(2);
    for (std::int64_t copy = 0; copy < copies_at_once; ++copy) {
      spade::linalg::rank_update<float>(1.0F,
                                        {x.data_ptr<float>() + copy * rows * pixels, rows, pixels, pixels, 1},
                                        {h.data_ptr<float>(), rows, rows, rows});
    }
  }
  return h *= 2.0 / static_cast<double>(count);
}

spade::LayerProblem by_accumulator(const at::Tensor& copies, std::int64_t count) {
  spade::statistics::GramAccumulator accumulator(
      spade::benchmarks::layer_of({.channels = copies.size(1), .edge = copies.size(2)}));
  for (std::int64_t seen = 0; seen < count; seen += copies_at_once)
    accumulator.add(spade::LayerGraph::view(copies));
  return std::move(accumulator).finish();
}

// Arguments: channels, edge of the map, copies. CPU time of one thread, the least of all runs, the baseline
// and GramAccumulator in turn.
void gram_by_im2col(benchmark::State& state, at::Tensor (*baseline)(const at::Tensor&, std::int64_t)) {
  const spade::benchmarks::ThreadLimit one_thread(1);
  const c10::InferenceMode no_gradients;
  const auto copies = at::rand({copies_at_once, state.range(0), state.range(1), state.range(1)});
  const std::int64_t count = state.range(2);
  double least = 1e9;
  double least_accumulator = 1e9;
  double difference = 0;
  for (auto _ : state) {
    const double begin = cpu_seconds();
    const auto h = baseline(copies, count);
    const double between = cpu_seconds();
    const auto problem = by_accumulator(copies, count);
    const double end = cpu_seconds();
    state.SetIterationTime(between - begin);
    least = std::min(least, between - begin);
    least_accumulator = std::min(least_accumulator, end - between);
    auto gram = problem.gram.to_vector<double>();
    const auto ours = at::from_blob(gram.data(), {h.size(0), h.size(0)}, at::kDouble).tril();
    difference = ((h.tril() - ours).abs().max() / ours.abs().max()).item<double>();
  }
  state.counters["ms_accumulator"] = 1e3 * least_accumulator;
  state.counters["ratio"] = least / least_accumulator;
  state.counters["difference"] = difference;
  if (!(difference < 1e-4)) state.SkipWithError("the baseline gathers another matrix than GramAccumulator");
}

void shapes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"channels", "edge", "copies"})
      ->ArgsProduct({{64, 128, 256}, {28, 14}, {64}})
      ->UseManualTime()
      ->Iterations(5)
      ->Unit(benchmark::kMillisecond);
}

} // namespace

BENCHMARK_CAPTURE(gram_by_im2col, product, by_product)->Apply(shapes);
BENCHMARK_CAPTURE(gram_by_im2col, rank_update, by_rank_update)->Apply(shapes);
