// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// How many flop/s a large product of matrices reaches, in float, on all processors: what no solver exceeds.
#include <cstdint>
#include <vector>

#include <benchmark/benchmark.h>

#ifdef SPADE_BENCHMARK_TORCH
#include <ATen/ATen.h>
#endif

#include <spade/core/rng.hpp>
#include <spade/linalg/multiply.hpp>

namespace {

constexpr std::int64_t size = 2048;

void count_flops(benchmark::State& state) {
  const auto n = static_cast<double>(size);
  state.counters["flop/s"] = benchmark::Counter(2 * n * n * n * static_cast<double>(state.iterations()),
                                                benchmark::Counter::kIsRate);
}

void ceiling_multiply_add(benchmark::State& state) {
  spade::RandomStream draws(1, 0);
  std::vector<float> a(static_cast<std::size_t>(size * size));
  for (auto& element : a)
    element = static_cast<float>(draws.uniform());
  std::vector<float> c(a.size());
  const spade::linalg::ConstMatrix<float> matrix{a.data(), size, size, size, 1};
  for (auto _ : state) {
    spade::linalg::multiply_add<float>(1.0F, matrix, matrix, {c.data(), size, size, size});
    benchmark::ClobberMemory();
  }
  count_flops(state);
}

#ifdef SPADE_BENCHMARK_TORCH
void ceiling_libtorch_mm(benchmark::State& state) {
  const auto a = at::rand({size, size});
  auto c = at::empty({size, size});
  for (auto _ : state)
    at::mm_out(c, a, a);
  count_flops(state);
}
#endif

} // namespace

BENCHMARK(ceiling_multiply_add)->UseRealTime()->Unit(benchmark::kMillisecond);
#ifdef SPADE_BENCHMARK_TORCH
BENCHMARK(ceiling_libtorch_mm)->UseRealTime()->Unit(benchmark::kMillisecond);
#endif
