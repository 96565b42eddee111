// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// What Exact is compared with: OBC's tensor operations as its paper has them (algorithm 1, the whole inverse
// updated in every step), through LibTorch, for several rows at once.
#include <algorithm>
#include <ctime>
#include <limits>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <benchmark/benchmark.h>

#include "pruners/layer_problem.hpp"

namespace {

// `steps` removals from `rows` rows. Every step costs the same, since the inverse does not shrink.
void dense_steps(at::Tensor& weights, at::Tensor& inverse, at::Tensor& gone, std::int64_t steps) {
  const auto rows = at::arange(weights.size(0));
  for (std::int64_t t = 0; t < steps; ++t) {
    const auto diagonal = at::diagonal(inverse, 0, 1, 2);
    const auto scores =
        (weights.square() / diagonal).masked_fill(gone, std::numeric_limits<float>::infinity());
    const auto chosen = scores.argmin(1);
    const auto row = inverse.index({rows, chosen});
    const auto pivot = diagonal.index({rows, chosen});
    weights -= row * (weights.index({rows, chosen}) / pivot).unsqueeze(1);
    gone.index_put_({rows, chosen}, at::scalar_tensor(true, at::kBool));
    weights.masked_fill_(gone, 0);
    const auto vector = row / pivot.sqrt().unsqueeze(1);
    inverse -= at::bmm(vector.unsqueeze(2), vector.unsqueeze(1));
  }
}

// Arguments: C, rows at once, steps that are timed (the whole row takes C).
void dense_updates(benchmark::State& state) {
  const std::int64_t columns = state.range(0);
  const std::int64_t rows = state.range(1);
  const std::int64_t steps = state.range(2);
  at::set_num_threads(1);
  const auto problem = spade::benchmarks::problem_of(1, rows, columns, 1);
  auto gram = problem.gram.to_vector<double>();
  auto given = problem.weight.to_vector<float>();
  auto h = at::from_blob(gram.data(), {columns, columns}, at::kDouble).clone();
  h.diagonal() += 1e-2 * h.diagonal().mean();
  const auto start = at::inverse(h).to(at::kFloat);
  double least = 1e9;
  for (auto _ : state) {
    auto weights = at::from_blob(given.data(), {rows, columns}, at::kFloat).clone();
    auto inverse = start.unsqueeze(0).repeat({rows, 1, 1});
    auto gone = at::zeros({rows, columns}, at::kBool);
    const std::clock_t begin = std::clock();
    dense_steps(weights, inverse, gone, steps);
    const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    state.SetIterationTime(seconds);
    least = std::min(least, seconds);
  }
  state.counters["ms_a_row"] =
      1e3 * least * static_cast<double>(columns) / static_cast<double>(steps) / static_cast<double>(rows);
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
