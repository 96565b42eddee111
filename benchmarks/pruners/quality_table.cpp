// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// quality_table MODEL PICTURE COPIES LAYER...: prunes layers by every method on Gram matrices of augmented
// copies of a picture (of the network's size, ImageNet's normalisation), and prints a Markdown table of each:
// relative error on these copies, on 256 others, and CPU seconds of one thread. The tables of
// docs/pruners.md.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <spade/augmenters.hpp>
#include <spade/core/parallel.hpp>
#include <spade/graph/importer.hpp>
#include <spade/io/image.hpp>
#include <spade/pruners/exact.hpp>
#include <spade/pruners/fast.hpp>
#include <spade/pruners/forward_backward.hpp>
#include <spade/pruners/magnitude.hpp>
#include <spade/pruners/wanda.hpp>
#include <spade/statistics/gram_accumulator.hpp>

#include "pruners/relative_error.hpp"

namespace {

using spade::LayerProblem;
using spade::LayerSolution;
using spade::benchmarks::relative_error;
namespace pruners = spade::pruners;

struct Method {
  std::string name;
  std::function<LayerSolution(const LayerProblem&, double)> prune;
};

template <class P> Method method(const std::string& name, const P& pruner) {
  return {name,
          [pruner](const LayerProblem& problem, double sparsity) { return pruner.prune(problem, sparsity); }};
}

std::vector<Method> methods() {
  pruners::ForwardBackward::Options always;
  always.least_positions = 0;
  auto swapping = always;
  swapping.swaps = true;
  std::vector<Method> result{
      method("magnitude", pruners::Magnitude{}),
      method("magnitude, refit", pruners::Magnitude{{.refit = true}}),
      method("wanda", pruners::Wanda{}),
      method("wanda, refit", pruners::Wanda{{.refit = true}}),
      method("fast", pruners::Fast{}),
      method("fast, refit", pruners::Fast{{.refit = true}}),
      method("exact", pruners::Exact{}),
      method("forward_backward", pruners::ForwardBackward{always}),
      method("forward_backward, swaps", pruners::ForwardBackward{swapping}),
  };
  for (const double damping : {1e-3, 1e-2, 3e-2, 1e-1}) {
    const auto suffix = ", damping " + std::to_string(damping).substr(0, 5);
    pruners::Exact::Options exact;
    exact.damping = damping;
    auto forward = always;
    forward.damping = damping;
    result.push_back(method("exact" + suffix, pruners::Exact{exact}));
    result.push_back(method("forward_backward" + suffix, pruners::ForwardBackward{forward}));
    pruners::Fast::Options fast;
    fast.damping = damping;
    result.push_back(method("fast" + suffix, pruners::Fast{fast}));
  }
  return result;
}

std::vector<LayerProblem> gather(const spade::LayerGraph& graph, const spade::Sample& sample,
                                 const std::vector<std::size_t>& layers, std::int64_t copies,
                                 std::uint64_t seed) {
  std::vector<std::optional<spade::statistics::GramAccumulator>> accumulators(graph.layers().size());
  for (const auto layer : layers)
    accumulators[layer].emplace(graph.layers()[layer]);
  spade::Rng rng(seed);
  const auto augmentation = spade::augmenters::reference({.count = copies, .seed = seed});
  for (std::int64_t done = 0; done < copies; done += 16) {
    const auto batch = augmentation.augmenter(sample, std::min<std::int64_t>(16, copies - done), rng);
    (void)graph.forward(batch, [&](std::size_t layer, const spade::TensorView& input) {
      if (accumulators[layer]) accumulators[layer]->add(input);
    });
  }
  std::vector<LayerProblem> problems;
  for (const auto layer : layers)
    problems.push_back(std::move(*accumulators[layer]).finish());
  return problems;
}

void print_table(const LayerProblem& problem, const LayerProblem& others) {
  const std::vector<double> sparsities{0.5, 0.8, 0.9, 0.95, 0.99};
  std::printf("\n%s: R = %lld, C = %lld, %lld positions\n\n| method |", problem.name.c_str(),
              static_cast<long long>(problem.weight.extent(1)),
              static_cast<long long>(problem.weight.extent(2)), static_cast<long long>(problem.positions));
  for (const double sparsity : sparsities)
    std::printf(" %g %% |", 100 * sparsity);
  std::printf("\n| --- | --- | --- | --- | --- | --- |\n");
  for (const auto& each : methods()) {
    std::printf("| %s |", each.name.c_str());
    for (const double sparsity : sparsities) {
      const std::clock_t start = std::clock();
      const auto solution = each.prune(problem, sparsity);
      const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
      std::printf(" %.2e / %.2e / %.3g%s |", relative_error(problem, solution),
                  relative_error(others, solution), seconds,
                  solution.report.solver.empty() ? "" : " (exact)");
      std::fflush(stdout);
    }
    std::printf("\n");
  }
}

void run(int count, char** arguments) {
  if (count < 5) {
    std::fprintf(stderr, "usage: quality_table MODEL PICTURE COPIES LAYER...\n");
    std::exit(2);
  }
  at::set_num_threads(1);
  spade::set_thread_count(1);
  const auto sample = spade::read_sample(arguments[2], spade::Preprocess::imagenet_normalisation());
  const auto graph = spade::load_graph(arguments[1], sample.input());
  std::vector<std::size_t> layers;
  for (int i = 4; i < count; ++i) {
    for (std::size_t layer = 0; layer < graph.layers().size(); ++layer) {
      if (graph.layers()[layer].name == arguments[i]) layers.push_back(layer);
    }
  }
  const auto problems = gather(graph, sample, layers, std::atoll(arguments[3]), 1);
  const auto others = gather(graph, sample, layers, 256, 2);
  for (std::size_t i = 0; i < problems.size(); ++i)
    print_table(problems[i], others[i]);
}

} // namespace

int main(int count, char** arguments) {
  try {
    run(count, arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "quality_table: %s\n", error.what());
    return 1;
  }
}
