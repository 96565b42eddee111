// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// What Exact is compared with: OBC's tensor operations as its paper and its published solver have them,
// through LibTorch, for several rows at once: each row's own copy and inverse of H, and then, in every step,
// the choice (algorithm 1), the loss, the whole inverse's update, and a record of all weights.
#include <algorithm>
#include <limits>
#include <utility>

#include <ATen/ATen.h>
#include <benchmark/benchmark.h>

#include "cpu_time.hpp"
#include "pruners/layer_problem.hpp"
#include "thread_limit.hpp"

namespace {

using spade::benchmarks::cpu_seconds;

struct Rows {
  at::Tensor weights; ///< [rows, C]
  at::Tensor inverse; ///< [rows, C, C]
  at::Tensor gone;    ///< [rows, C]
  at::Tensor losses;  ///< [rows, steps]
  at::Tensor trace;   ///< [steps + 1, rows, C]
};

// Every row's H and its inverse. LAPACK leaves that column by column, and the steps are several times slower
// on it than row by row: the baseline gets the faster.
at::Tensor inverses(const at::Tensor& h, std::int64_t rows) {
  return at::cholesky_inverse(at::linalg_cholesky(h.unsqueeze(0).repeat({rows, 1, 1}))).contiguous();
}

// `steps` removals from all rows. Every step costs the same, since the inverse does not shrink.
void dense_steps(Rows& state, std::int64_t steps) {
  const auto rows = at::arange(state.weights.size(0));
  for (std::int64_t t = 0; t < steps; ++t) {
    const auto diagonal = at::diagonal(state.inverse, 0, 1, 2);
    const auto scores =
        (state.weights.square() / diagonal).masked_fill(state.gone, std::numeric_limits<float>::infinity());
    const auto chosen = scores.argmin(1);
    state.losses.select(1, t).copy_(scores.index({rows, chosen}));
    const auto row = state.inverse.index({rows, chosen});
    const auto pivot = diagonal.index({rows, chosen});
    state.weights -= row * (state.weights.index({rows, chosen}) / pivot).unsqueeze(1);
    state.gone.index_put_({rows, chosen}, at::scalar_tensor(true, at::kBool));
    state.weights.masked_fill_(state.gone, 0);
    state.trace.select(0, t + 1).copy_(state.weights);
    const auto vector = row / pivot.sqrt().unsqueeze(1);
    state.inverse -= at::bmm(vector.unsqueeze(2), vector.unsqueeze(1));
  }
}

// Arguments: C, rows at once, steps that are timed (the whole row takes C). CPU time of one thread, the least
// of all runs: the inverse, the steps, and both.
void dense_updates(benchmark::State& state) {
  const std::int64_t columns = state.range(0);
  const std::int64_t rows = state.range(1);
  const std::int64_t steps = state.range(2);
  const spade::benchmarks::ThreadLimit one_thread(1);
  const auto problem = spade::benchmarks::problem_of(1, rows, columns, 1);
  auto gram = problem.gram.to_vector<double>();
  auto given = problem.weight.to_vector<float>();
  auto h = at::from_blob(gram.data(), {columns, columns}, at::kDouble).clone();
  h.diagonal() += 1e-2 * h.diagonal().mean();
  h = h.to(at::kFloat);
  double least_inverse = 1e9;
  double least_steps = 1e9;
  for (auto _ : state) {
    const double begin = cpu_seconds();
    auto inverse = inverses(h, rows);
    const double between = cpu_seconds();
    Rows all{at::from_blob(given.data(), {rows, columns}, at::kFloat).clone(), std::move(inverse),
             at::zeros({rows, columns}, at::kBool), at::empty({rows, steps}),
             at::empty({steps + 1, rows, columns})};
    const double start = cpu_seconds();
    dense_steps(all, steps);
    const double end = cpu_seconds();
    state.SetIterationTime(between - begin + end - start);
    least_inverse = std::min(least_inverse, between - begin);
    least_steps = std::min(least_steps, end - start);
  }
  const double steps_a_row = 1e3 * least_steps * static_cast<double>(columns) / static_cast<double>(steps);
  state.counters["ms_inverse"] = 1e3 * least_inverse / static_cast<double>(rows);
  state.counters["ms_steps"] = steps_a_row / static_cast<double>(rows);
  state.counters["ms_a_row"] = (1e3 * least_inverse + steps_a_row) / static_cast<double>(rows);
}

} // namespace

BENCHMARK(dense_updates)
    ->ArgNames({"C", "rows", "steps"})
    ->Args({576, 1, 576})
    ->Args({576, 8, 144})
    ->Args({576, 32, 72})
    ->Args({1152, 1, 144})
    ->Args({1152, 8, 72})
    ->Args({1152, 32, 24})
    ->Args({2304, 1, 72})
    ->Args({2304, 8, 24})
    ->Args({2304, 32, 8})
    ->UseManualTime()
    ->Iterations(5)
    ->Unit(benchmark::kMillisecond);
