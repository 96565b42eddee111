// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// What Fast is compared with: SparseGPT's tensor operations as its paper (algorithm 1) and its published
// solver have them, through LibTorch: the inverse by way of three factorisations, then column after column,
// each one's error made up for in all columns to come of its block, and a block's in all blocks to come.
#include <spade/pruners/fast.hpp>

#include <algorithm>
#include <cstdint>
#include <tuple>

#include <ATen/ATen.h>
#include <benchmark/benchmark.h>
#include <c10/core/InferenceMode.h>

#include "cpu_time.hpp"
#include "pruners/layer_problem.hpp"
#include "pruners/relative_error.hpp"
#include "thread_limit.hpp"

namespace {

using spade::benchmarks::cpu_seconds;

constexpr double sparsity = 0.9;
constexpr double damping = 0.01;

/// Upper triangular U with (H + damping mean(diag H) I)^-1 = U^T U. The weights of dead columns become zero.
at::Tensor inverse_factor(const at::Tensor& gram, at::Tensor& weights) {
  auto h = gram.clone();
  const auto dead = h.diagonal() == 0;
  h.diagonal().masked_fill_(dead, 1);
  weights.masked_fill_(dead, 0);
  h.diagonal() += damping * h.diagonal().mean();
  return at::linalg_cholesky(at::cholesky_inverse(at::linalg_cholesky(h)), true);
}

/// True where a weight of these columns costs no more than the threshold that they share.
at::Tensor cheapest(const at::Tensor& weights, const at::Tensor& pivots) {
  const auto costs = weights.square() / pivots.square();
  const auto sorted = std::get<0>(at::sort(costs.flatten()));
  return costs <= sorted[static_cast<std::int64_t>(static_cast<double>(costs.numel()) * sparsity)];
}

/// Prunes `weights` [R, C]; every `mask_block` columns share a threshold, every `block` columns wait together
/// until the columns behind them hear of it. @returns the loss of each row, [R]
at::Tensor sweep(at::Tensor& weights, const at::Tensor& u, std::int64_t mask_block, std::int64_t block) {
  const std::int64_t columns = weights.size(1);
  auto loss = at::zeros({weights.size(0)}, weights.options());
  for (std::int64_t first = 0; first < columns; first += block) {
    const std::int64_t width = std::min(block, columns - first);
    auto current = weights.narrow(1, first, width).clone();
    const auto rows = u.narrow(0, first, width);
    const auto corner = rows.narrow(1, first, width);
    const auto pivots = corner.diagonal();
    auto pruned = at::zeros_like(current);
    auto errors = at::zeros_like(current);
    auto losses = at::zeros_like(current);
    at::Tensor mask;
    for (std::int64_t i = 0; i < width; ++i) {
      const std::int64_t masked = i % mask_block;
      if (masked == 0) {
        const std::int64_t together = std::min(mask_block, width - i);
        mask = cheapest(current.narrow(1, i, together), pivots.narrow(0, i, together));
      }
      const auto column = current.select(1, i);
      const auto pivot = pivots[i];
      const auto kept = column.masked_fill(mask.select(1, masked), 0);
      const auto change = column - kept;
      pruned.select(1, i).copy_(kept);
      losses.select(1, i).copy_(change.square() / pivot.square());
      const auto error = change / pivot;
      current.narrow(1, i, width - i) -=
          at::matmul(error.unsqueeze(1), corner[i].narrow(0, i, width - i).unsqueeze(0));
      errors.select(1, i).copy_(error);
    }
    weights.narrow(1, first, width).copy_(pruned);
    loss += losses.sum(1) / 2;
    const std::int64_t behind = first + width;
    weights.narrow(1, behind, columns - behind) -=
        at::matmul(errors, rows.narrow(1, behind, columns - behind));
  }
  return loss;
}

/// The largest difference between the baseline's weights and those of Fast by the published rules, both in
/// double, as a fraction of the largest weight. (In float, rounding decides between weights that cost nearly
/// the same, and everything after follows from that.)
double difference(const spade::LayerProblem& problem, const at::Tensor& weights, const at::Tensor& gram,
                  std::int64_t mask_block, std::int64_t block) {
  spade::pruners::Fast::Options options;
  options.reference = true;
  options.in_double = true;
  options.damping = damping;
  const auto solution = spade::pruners::Fast(options).prune(problem, sparsity);
  auto ours = solution.weight.to_vector<float>();
  auto pruned = weights.to(at::kDouble);
  const auto u = inverse_factor(gram, pruned);
  (void)sweep(pruned, u, mask_block, block);
  const auto apart = (pruned - at::from_blob(ours.data(), weights.sizes(), at::kFloat)).abs().max();
  return (apart / pruned.abs().max()).item<double>();
}

// Arguments: R, C, b columns that share a threshold, and the columns of a block. CPU time of one thread, the
// least of all runs, the baseline and Fast in turn.
void sparsegpt_updates(benchmark::State& state) {
  const std::int64_t rows = state.range(0);
  const std::int64_t columns = state.range(1);
  const spade::benchmarks::ThreadLimit one_thread(1);
  const c10::InferenceMode no_gradients;
  const auto problem = spade::benchmarks::problem_of(1, rows, columns, state.range(2));
  auto gram = problem.gram.to_vector<double>();
  auto given = problem.weight.to_vector<float>();
  const auto exact_h = at::from_blob(gram.data(), {columns, columns}, at::kDouble);
  const auto h = exact_h.to(at::kFloat);
  const auto weights = at::from_blob(given.data(), {rows, columns}, at::kFloat);
  spade::pruners::Fast::Options solve_only;
  solve_only.report_error = false;
  const spade::pruners::Fast fast(solve_only);

  double least_factor = 1e9;
  double least_sweep = 1e9;
  double least_fast = 1e9;
  at::Tensor pruned;
  for (auto _ : state) {
    const double begin = cpu_seconds();
    pruned = weights.clone();
    const auto u = inverse_factor(h, pruned);
    const double between = cpu_seconds();
    benchmark::DoNotOptimize(sweep(pruned, u, state.range(2), state.range(3)));
    const double end = cpu_seconds();
    benchmark::DoNotOptimize(fast.prune(problem, sparsity));
    const double fast_end = cpu_seconds();
    state.SetIterationTime(end - begin);
    least_factor = std::min(least_factor, between - begin);
    least_sweep = std::min(least_sweep, end - between);
    least_fast = std::min(least_fast, fast_end - end);
  }
  state.counters["ms_factor"] = 1e3 * least_factor;
  state.counters["ms_sweep"] = 1e3 * least_sweep;
  state.counters["ms_fast"] = 1e3 * least_fast;
  state.counters["ratio"] = (least_factor + least_sweep) / least_fast;
  state.counters["relative_error"] = spade::benchmarks::relative_error(weights, pruned, exact_h);
  const double apart = difference(problem, weights, exact_h, state.range(2), state.range(3));
  state.counters["difference"] = apart;
  if (!(apart < 1e-5)) state.SkipWithError("the baseline's weights are not those of Fast by the same rules");
}

} // namespace

BENCHMARK(sparsegpt_updates)
    ->ArgNames({"R", "C", "b", "block"})
    ->Args({256, 2304, 9, 9})
    ->Args({256, 2304, 9, 126})
    ->Args({512, 4608, 9, 9})
    ->Args({512, 4608, 9, 126})
    ->Args({1000, 2048, 1, 1})
    ->Args({1000, 2048, 1, 128})
    ->Args({2048, 512, 1, 1})
    ->Args({2048, 512, 1, 128})
    ->UseManualTime()
    ->Iterations(5)
    ->Unit(benchmark::kMillisecond);
