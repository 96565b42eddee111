// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Every pruner on every layer shape of four networks: suite/<network>/<shape>/<pruner>. compare.py makes the
// table; docs/benchmarks.md says how to read it.
#include <cmath>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include <spade/pruners/exact.hpp>
#include <spade/pruners/fast.hpp>
#include <spade/pruners/forward_backward.hpp>
#include <spade/pruners/magnitude.hpp>
#include <spade/pruners/random.hpp>
#include <spade/pruners/wanda.hpp>

#include "pruners/layer_problem.hpp"
#include "suite/layer_shapes.hpp"

namespace {

using spade::LayerProblem;
using spade::LayerSolution;
using spade::benchmarks::LayerShape;

struct Method {
  std::string name;
  double sparsity;
  std::function<LayerSolution(const LayerProblem&, double)> prune;
  /// What the method's documentation counts for one group [R, C] whose rows keep k; 0: hardly any arithmetic.
  std::function<double(double rows, double columns, double kept)> flops;
};

template <class P> auto pruned_by(P pruner) {
  return [pruner](const LayerProblem& problem, double sparsity) { return pruner.prune(problem, sparsity); };
}

double no_flops(double, double, double) {
  return 0;
}

std::vector<Method> methods() {
  using namespace spade::pruners;
  Fast::Options fast;
  fast.report_error = false;
  Fast::Options refit = fast;
  refit.refit = true;
  Exact::Options exact;
  exact.report_error = false;
  ForwardBackward::Options forward_backward;
  forward_backward.report_error = false;
  forward_backward.least_positions = 0;
  const auto sweep = [](double r, double c, double) { return c * c * c / 3 + r * c * c; };
  const auto selection = [](double r, double c, double k) {
    return c * c * c / 3 + r * (4 * c * k * k + 8 * k * k * k);
  };
  return {
      {"random", 0.9, pruned_by(Random()), no_flops},
      {"magnitude", 0.9, pruned_by(Magnitude()), no_flops},
      {"wanda", 0.9, pruned_by(Wanda()), no_flops},
      {"fast", 0.9, pruned_by(Fast(fast)), sweep},
      {"fast_refit", 0.9, pruned_by(Fast(refit)),
       [sweep](double r, double c, double k) { return sweep(r, c, k) + r * (k * k * k / 3 + 2 * c * c); }},
      {"exact", 0.9, pruned_by(Exact(exact)),
       [](double r, double c, double) { return r * c * c * c / 3 + c * c * c; }},
      {"forward_backward", 0.9, pruned_by(ForwardBackward(forward_backward)), selection},
      {"forward_backward", 0.95, pruned_by(ForwardBackward(forward_backward)), selection},
  };
}

// One shape, all processors.
void suite(benchmark::State& state, const LayerShape& shape, const Method& method) {
  const auto problem = spade::benchmarks::problem_of(shape.groups, shape.rows, shape.columns, shape.block);
  for (auto _ : state)
    benchmark::DoNotOptimize(method.prune(problem, method.sparsity));
  const auto groups = static_cast<double>(shape.groups);
  const auto rows = static_cast<double>(shape.rows);
  const auto columns = static_cast<double>(shape.columns);
  const double flops = groups * method.flops(rows, columns, (1 - method.sparsity) * columns);
  const auto rate = [&](double one) {
    return benchmark::Counter(one * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
  };
  state.counters["layers"] = static_cast<double>(shape.layers);
  state.counters["weights"] = groups * rows * columns;
  state.counters["weights/s"] = rate(groups * rows * columns);
  state.counters["flop/s"] = rate(flops);
}

std::string name_of(const LayerShape& shape) {
  auto name = std::to_string(shape.rows) + "x" + std::to_string(shape.columns);
  if (shape.groups > 1) name = std::to_string(shape.groups) + "x" + name;
  return shape.block > 1 ? name + "b" + std::to_string(shape.block) : name;
}

const int registered = [] {
  for (const auto& network : spade::benchmarks::network_shapes()) {
    for (const auto& shape : network.shapes) {
      for (const auto& method : methods()) {
        const auto name = "suite/" + std::string(network.name) + "/" + name_of(shape) + "/" + method.name +
                          "_" + std::to_string(std::lround(100 * method.sparsity));
        benchmark::RegisterBenchmark(
            name.c_str(), [shape, method](benchmark::State& state) { suite(state, shape, method); })
            ->UseRealTime()
            ->Unit(benchmark::kMillisecond);
      }
    }
  }
  return 0;
}();

} // namespace
