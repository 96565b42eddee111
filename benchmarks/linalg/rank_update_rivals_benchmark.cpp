// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// What rank_update is compared with: Eigen's symmetric rank update, compiled for this machine, and LibTorch's product
// X X^T of both triangles.
#include <spade/linalg/rank_update.hpp>

#include <algorithm>
#include <cstdint>

#include <ATen/ATen.h>
#include <Eigen/Core>
#include <benchmark/benchmark.h>
#include <c10/core/InferenceMode.h>

#include "cpu_time.hpp"
#include "thread_limit.hpp"

namespace {

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using spade::benchmarks::cpu_seconds;

void by_eigen(const Matrix& x, Matrix& h) {
  h.selfadjointView<Eigen::Lower>().rankUpdate(x);
}

void by_libtorch(const Matrix& x, Matrix& h) {
  const c10::InferenceMode no_gradients;
  const auto panel = at::from_blob(const_cast<float*>(x.data()), {x.rows(), x.cols()});
  at::from_blob(h.data(), {h.rows(), h.cols()}).addmm_(panel, panel.t());
}

// Arguments: columns C, positions P. CPU time of one thread, the least of all runs, the rival and rank_update in turn.
void rank_update_against(benchmark::State& state, void (*rival)(const Matrix&, Matrix&)) {
  const spade::benchmarks::ThreadLimit one_thread(1);
  const std::int64_t columns = state.range(0);
  const std::int64_t positions = state.range(1);
  const Matrix x = Matrix::Random(columns, positions);
  Matrix theirs = Matrix::Zero(columns, columns);
  Matrix ours = theirs;
  double least_theirs = 1e9;
  double least_ours = 1e9;
  for (auto _ : state) {
    const double begin = cpu_seconds();
    rival(x, theirs);
    const double between = cpu_seconds();
    spade::linalg::rank_update<float>(1.0F, {x.data(), columns, positions, positions, 1},
                                      {ours.data(), columns, columns, columns});
    const double end = cpu_seconds();
    state.SetIterationTime(between - begin);
    least_theirs = std::min(least_theirs, between - begin);
    least_ours = std::min(least_ours, end - between);
  }
  state.counters["ms_rank_update"] = 1e3 * least_ours;
  state.counters["ratio"] = least_theirs / least_ours;
  const Matrix difference = (theirs - ours).triangularView<Eigen::Lower>();
  if (!(difference.cwiseAbs().maxCoeff() < 1e-4F * ours.diagonal().maxCoeff()))
    state.SkipWithError("the rival sums up another matrix than rank_update");
}

void shapes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"C", "P"})
      ->ArgsProduct({{64, 147, 256, 576, 1152, 2048, 4608}, {2048}})
      ->UseManualTime()
      ->Iterations(5)
      ->Unit(benchmark::kMillisecond);
}

} // namespace

BENCHMARK_CAPTURE(rank_update_against, eigen, by_eigen)->Apply(shapes);
BENCHMARK_CAPTURE(rank_update_against, libtorch, by_libtorch)->Apply(shapes);
