// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// The most memory that a layer solve ever holds, its solution included, against what is promised:
// 4 C^2 doubles and 4 R C floats, and C^2 + 128 C floats a thread (in double: doubles in the place of floats).
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <spade/pruners/exact.hpp>
#include <spade/pruners/fast.hpp>
#include <spade/pruners/forward_backward.hpp>
#include <spade/pruners/magnitude.hpp>
#include <spade/pruners/random.hpp>
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
  std::int64_t element = 4; ///< bytes of a weight in the making
};

template <class P> Solver solver(const std::string& name, double sparsity, const P& pruner) {
  return {name, sparsity,
          [pruner](const spade::LayerProblem& problem, double at) { return pruner.prune(problem, at); }};
}

template <class P> Solver in_double(const std::string& name, double sparsity, typename P::Options options) {
  options.in_double = true;
  auto result = solver(name + ", in double", sparsity, P(options));
  result.element = 8;
  return result;
}

std::vector<Solver> solvers(std::int64_t columns) {
  using pruners::Exact;
  using pruners::Fast;
  using pruners::ForwardBackward;
  using pruners::Pattern;
  using pruners::Wanda;
  ForwardBackward::Options swaps;
  swaps.swaps = true;
  Wanda::Options layer;
  layer.comparison = Wanda::Comparison::Layer;
  layer.refit = true;
  const std::int64_t block = columns % 4 == 0 ? 4 : 7;
  Exact::Options blocks;
  blocks.pattern = Pattern::blocks(block);
  std::vector<Solver> result;
  for (const double sparsity : {0.05, 0.5, 0.95}) {
    result.push_back(solver("exact", sparsity, Exact{}));
    result.push_back(solver("fast", sparsity, Fast{}));
    result.push_back(solver("fast, refit", sparsity, Fast{{.refit = true}}));
    result.push_back(in_double<Fast>("fast", sparsity, {}));
    result.push_back(in_double<Fast>("fast, one mask block", sparsity, {.mask_block = columns}));
    result.push_back(in_double<Fast>("fast, refit", sparsity, {.refit = true}));
    result.push_back(solver("magnitude, refit", sparsity, pruners::Magnitude{{.refit = true}}));
    result.push_back(solver("random, refit", sparsity, pruners::Random{{.refit = true}}));
    result.push_back(solver("wanda, refit", sparsity, Wanda{{.refit = true}}));
    result.push_back(solver("wanda of the layer, refit", sparsity, Wanda{layer}));
  }
  result.push_back(solver("exact, blocks", 0.05, Exact{blocks}));
  result.push_back(in_double<Exact>("exact", 0.05, {}));
  for (const double sparsity : {0.8, 0.95}) {
    result.push_back(solver("forward_backward", sparsity, ForwardBackward{}));
    result.push_back(solver("forward_backward, swaps", sparsity, ForwardBackward{swaps}));
  }
  const auto pattern = Pattern::zeros_of(block / 2, block);
  const double share = static_cast<double>(block / 2) / static_cast<double>(block);
  Exact::Options exact;
  exact.pattern = pattern;
  Fast::Options fast;
  fast.pattern = pattern;
  result.push_back(solver("exact, N:M", share, Exact{exact}));
  result.push_back(solver("fast, N:M", share, Fast{fast}));
  fast.refit = true;
  result.push_back(solver("fast, N:M, refit", share, Fast{fast}));
  return result;
}

std::size_t promised(std::int64_t rows, std::int64_t columns, std::int64_t element, std::int64_t threads) {
  const std::int64_t square = columns * columns;
  const std::int64_t shared = 32 * square + 4 * element * rows * columns;
  const std::int64_t each = element * (square + 128 * columns);
  // A few numbers of each row, the threads' own, messages.
  const std::int64_t little = 64 * rows + 65536;
  return static_cast<std::size_t>(shared + threads * each + little);
}

std::size_t most_held(const Solver& solver, const spade::LayerProblem& problem) {
  const std::size_t before = bytes_in_use();
  forget_peak();
  (void)solver.prune(problem, solver.sparsity);
  return peak_bytes() - before;
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
  struct Shape {
    std::int64_t groups, rows, columns;
    std::int64_t columns_per_channel = 1;
  };
  for (const auto& each : solvers(20)) // what is made once, is
    (void)each.prune(random_problem<float>(1, 20, 20, 90), each.sparsity);
  for (const auto& shape :
       {Shape{1, 64, 300}, Shape{1, 160, 300}, Shape{1, 1000, 100}, Shape{1, 2000, 49}, Shape{8, 32, 100},
        Shape{32, 8, 40}, Shape{96, 1, 49, 49}, Shape{70, 1, 100, 100}}) {
    const std::int64_t rows = shape.groups * shape.rows;
    const std::int64_t columns = shape.columns;
    const auto problem =
        random_problem<float>(shape.groups, shape.rows, columns, 91, shape.columns_per_channel);
    for (const int threads : {1, 3}) {
      const Threads scope(threads);
      for (const auto& each : solvers(columns)) {
        CAPTURE(shape.groups, shape.rows, columns, threads, each.name, each.sparsity);
        const std::size_t most = most_held(each, problem);
        CHECK(most <= promised(rows, columns, each.element, threads));
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
        const auto each = solver("forward_backward", sparsity, pruners::ForwardBackward(options));
        (void)most_held(each, problem); // what is made once, is
        CHECK(most_held(each, problem) <= promised(64, 300, 4, threads));
      }
    }
  }
}

TEST_CASE("fast holds no more for many groups of few weights", "[memory][pruners]") {
  using pruners::Fast;
  Fast::Options pattern;
  pattern.pattern = pruners::Pattern::zeros_of(1, 3);
  const auto problem = random_problem<float>(960, 1, 9, 94); // mask blocks of one column
  for (const int threads : {1, 3}) {
    const Threads scope(threads);
    for (const auto& each : {solver("fast", 0.5, Fast{}), solver("fast, refit", 0.5, Fast{{.refit = true}}),
                             in_double<Fast>("fast", 0.5, {}), solver("fast, N:M", 1.0 / 3, Fast{pattern})}) {
      CAPTURE(threads, each.name);
      CHECK(most_held(each, problem) <= promised(960, 9, each.element, threads));
    }
  }
}

TEST_CASE("dead columns take no more memory than others", "[memory][pruners]") {
  const auto whole = random_problem<float>(1, 2000, 49, 95);
  Dense gram = matrix(whole.gram[0]);
  gram.topRows(36).setZero();
  gram.leftCols(36).setZero();
  const auto problem = with_gram(whole, gram);
  const Threads scope(1);
  for (const double sparsity : {0.05, 0.5, 0.9}) { // fewer weights than they have, and more
    for (const auto& each :
         {solver("exact", sparsity, pruners::Exact{}), solver("fast", sparsity, pruners::Fast{})}) {
      CAPTURE(each.name, sparsity);
      CHECK(most_held(each, problem) <= promised(2000, 49, each.element, 1));
    }
  }
}
