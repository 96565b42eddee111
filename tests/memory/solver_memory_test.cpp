// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// The most memory that a layer solve ever holds, its solution included, against what is promised:
// 4 C^2 doubles and 4 R C floats, and C^2 + 128 C floats a thread.
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <spade/pruners/exact.hpp>
#include <spade/pruners/fast.hpp>
#include <spade/pruners/forward_backward.hpp>
#include <spade/pruners/magnitude.hpp>
#include <spade/pruners/wanda.hpp>

#include "memory/counted_memory.hpp"
#include "pruners/problems.hpp"
#include "support/threads.hpp"

using namespace spade::tests;
namespace pruners = spade::pruners;

namespace {

struct Solver {
  std::string name;
  double sparsity;
  std::function<spade::LayerSolution(const spade::LayerProblem&, double)> prune;
};

template <class P> Solver solver(const std::string& name, double sparsity, const P& pruner) {
  return {name, sparsity,
          [pruner](const spade::LayerProblem& problem, double at) { return pruner.prune(problem, at); }};
}

std::vector<Solver> solvers() {
  pruners::ForwardBackward::Options swaps;
  swaps.swaps = true;
  std::vector<Solver> result;
  for (const double sparsity : {0.5, 0.95}) {
    result.push_back(solver("exact", sparsity, pruners::Exact{}));
    result.push_back(solver("fast", sparsity, pruners::Fast{}));
    result.push_back(solver("fast, refit", sparsity, pruners::Fast{{.refit = true}}));
    result.push_back(solver("magnitude, refit", sparsity, pruners::Magnitude{{.refit = true}}));
    result.push_back(solver("wanda, refit", sparsity, pruners::Wanda{{.refit = true}}));
  }
  for (const double sparsity : {0.8, 0.95}) {
    result.push_back(solver("forward_backward", sparsity, pruners::ForwardBackward{}));
    result.push_back(solver("forward_backward, swaps", sparsity, pruners::ForwardBackward{swaps}));
  }
  return result;
}

std::size_t promised(std::int64_t rows, std::int64_t columns, std::int64_t threads) {
  const std::int64_t square = columns * columns;
  const std::int64_t shared = 32 * square + 16 * rows * columns;
  const std::int64_t each = 4 * (square + 128 * columns);
  // A few numbers of each row, the threads' own, messages.
  const std::int64_t little = 64 * rows + 65536;
  return static_cast<std::size_t>(shared + threads * each + little);
}

} // namespace

TEST_CASE("the program counts what operator new gives out", "[memory]") {
  const std::size_t before = bytes_in_use();
  forget_peak();
  {
    const std::vector<double> some(1000);
    CHECK(bytes_in_use() >= before + 8000);
    CHECK(bytes_in_use() < before + 8200);
  }
  CHECK(bytes_in_use() == before);
  CHECK(peak_bytes() >= before + 8000);
  forget_peak();
  CHECK(peak_bytes() == bytes_in_use());
}

TEST_CASE("a layer solve holds no more memory than promised", "[memory][pruners]") {
  for (const auto& shape : {Extents{64, 300}, Extents{300, 300}, Extents{1000, 100}, Extents{2000, 49}}) {
    const std::int64_t rows = shape[0];
    const std::int64_t columns = shape[1];
    const auto problem = random_problem<float>(1, rows, columns, 91);
    for (const int threads : {1, 3}) {
      const Threads scope(threads);
      for (const auto& each : solvers()) {
        CAPTURE(rows, columns, threads, each.name, each.sparsity);
        (void)each.prune(problem, each.sparsity); // what is made once, is
        const std::size_t before = bytes_in_use();
        forget_peak();
        (void)each.prune(problem, each.sparsity);
        const std::size_t most = peak_bytes() - before;
        CHECK(most <= promised(rows, columns, threads));
        CHECK(most >= static_cast<std::size_t>(4 * rows * columns)); // the solution
      }
    }
  }
}

TEST_CASE("rows that keep far more than others hold no more", "[memory][pruners]") {
  auto problem = random_problem<float>(1, 64, 300, 92);
  Dense weight = matrix(problem.weight[0]);
  const Dense z = random_dense(weight.rows(), 1, 93);
  for (Eigen::Index r = 0; r < weight.rows(); ++r)
    weight.row(r) *= std::exp(2 * z(r, 0));
  problem.weight = tensor<float>({weight});
  for (const int threads : {1, 3, 8}) {
    const Threads scope(threads);
    for (const bool swaps : {false, true}) {
      for (const double sparsity : {0.8, 0.9, 0.95}) {
        CAPTURE(threads, swaps, sparsity);
        pruners::ForwardBackward::Options options;
        options.swaps = swaps;
        (void)pruners::ForwardBackward(options).prune(problem, sparsity); // what is made once, is
        const std::size_t before = bytes_in_use();
        forget_peak();
        (void)pruners::ForwardBackward(options).prune(problem, sparsity);
        CHECK(peak_bytes() - before <= promised(64, 300, threads));
      }
    }
  }
}
