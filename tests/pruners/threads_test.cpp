// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Pruners within threads that somebody else has started.
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include <spade/core/error.hpp>
#include <spade/core/parallel.hpp>
#include <spade/pruners/exact.hpp>
#include <spade/pruners/fast.hpp>
#include <spade/pruners/forward_backward.hpp>
#include <spade/pruners/magnitude.hpp>
#include <spade/pruners/random.hpp>
#include <spade/pruners/wanda.hpp>

#include "pruners/problems.hpp"
#include "support/threads.hpp"

using namespace spade::tests;
namespace pruners = spade::pruners;

namespace {

using Prune = std::function<std::vector<float>(const spade::LayerProblem&)>;

template <class P> Prune at(double sparsity, const P& pruner) {
  return [sparsity, pruner](const spade::LayerProblem& problem) {
    return pruner.prune(problem, sparsity).weight.template to_vector<float>();
  };
}

// For columns that 5 divides.
std::vector<Prune> solvers() {
  using namespace pruners;
  ForwardBackward::Options swaps;
  swaps.swaps = true;
  Exact::Options blocks;
  blocks.pattern = Pattern::blocks(5);
  Exact::Options exact_pattern;
  exact_pattern.pattern = Pattern::zeros_of(2, 5);
  Fast::Options fast_pattern;
  fast_pattern.pattern = Pattern::zeros_of(2, 5);
  fast_pattern.refit = true;
  std::vector<Prune> result{at(0.9, ForwardBackward{}), at(0.9, ForwardBackward{swaps}),
                            at(0.4, Exact{exact_pattern}), at(0.4, Fast{fast_pattern})};
  for (const double sparsity : {0.1, 0.9}) {
    result.push_back(at(sparsity, Exact{}));
    result.push_back(at(sparsity, Exact{blocks}));
    result.push_back(at(sparsity, Fast{}));
    result.push_back(at(sparsity, Fast{{.refit = true}}));
    result.push_back(at(sparsity, Magnitude{{.refit = true}}));
    result.push_back(at(sparsity, Random{{.refit = true}}));
    for (const auto comparison : {Wanda::Comparison::Row, Wanda::Comparison::Layer})
      result.push_back(at(sparsity, Wanda{{.comparison = comparison, .refit = true}}));
  }
  return result;
}

} // namespace

TEST_CASE("pruners give the same bits for any number of threads", "[pruners][threads]") {
  for (const std::int64_t groups : {1, 3, 70}) {
    const auto problem = random_problem<float>(groups, groups == 70 ? 2 : 40, groups == 1 ? 200 : 30, 95);
    for (const auto& prune : solvers()) {
      std::vector<std::vector<float>> results;
      for (const int threads : {1, 3, 7}) {
        const Threads scope(threads);
        results.push_back(prune(problem));
      }
      CHECK(results[1] == results[0]);
      CHECK(results[2] == results[0]);
    }
  }
}

TEST_CASE("pruners called within parallel work give the same bits", "[pruners][threads]") {
  const auto problem = random_problem<float>(1, 40, 200, 92);
  const Threads scope(3);
  for (const auto& prune : solvers()) {
    const auto expected = prune(problem);
    std::vector<std::vector<float>> results(5);
    spade::parallel_for(5, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i)
        results[static_cast<std::size_t>(i)] = prune(problem);
    });
    for (const auto& result : results)
      CHECK(result == expected);
  }
}

TEST_CASE("pruners called from several threads at once give the same bits", "[pruners][threads]") {
  const auto problem = random_problem<float>(1, 40, 200, 93);
  const Threads scope(3);
  for (const auto& prune : solvers()) {
    const auto expected = prune(problem);
    std::vector<std::vector<float>> results(3);
    {
      std::vector<std::jthread> callers;
      for (auto& result : results)
        callers.emplace_back([&] { result = prune(problem); });
    }
    for (const auto& result : results)
      CHECK(result == expected);
  }
}

TEST_CASE("an error in one row reaches the caller whatever the threads", "[pruners][threads]") {
  auto problem = random_problem<float>(1, 40, 30, 94);
  Dense gram = Dense::Identity(30, 30);
  gram(1, 2) = gram(2, 1) = -1e6;
  problem.gram = tensor<double>({gram});
  for (const int threads : {1, 2, 3, 7}) {
    const Threads scope(threads);
    for (const auto& prune : solvers())
      CHECK_THROWS_AS(prune(problem), spade::NumericalError);
  }
}
