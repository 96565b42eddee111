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

#include "pruners/problems.hpp"
#include "support/threads.hpp"

using namespace spade::tests;
namespace pruners = spade::pruners;

namespace {

using Prune = std::function<std::vector<float>(const spade::LayerProblem&)>;

template <class P> Prune at_90(const P& pruner) {
  return [pruner](const spade::LayerProblem& problem) {
    return pruner.prune(problem, 0.9).weight.template to_vector<float>();
  };
}

std::vector<Prune> solvers() {
  pruners::ForwardBackward::Options swaps;
  swaps.swaps = true;
  return {at_90(pruners::Exact{}), at_90(pruners::Fast{}), at_90(pruners::Fast{{.refit = true}}),
          at_90(pruners::ForwardBackward{}), at_90(pruners::ForwardBackward{swaps})};
}

} // namespace

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
