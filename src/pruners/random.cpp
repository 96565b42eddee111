// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/pruners/random.hpp>

#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

#include <spade/core/rng.hpp>

#include "pruners/problem_check.hpp"
#include "pruners/refit_layer.hpp"

namespace spade::pruners {
namespace {

std::uint64_t fnv1a(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char letter : text) {
    hash ^= static_cast<unsigned char>(letter);
    hash *= 0x100000001b3U;
  }
  return hash;
}

// Selection sampling (Knuth, The Art of Computer Programming, 3.4.2, algorithm S).
template <class T>
LayerSolution prune_layer(const LayerProblem& problem, std::int64_t removed, std::uint64_t seed) {
  auto weight = problem.weight.to_vector<T>();
  RandomStream draws(seed, fnv1a(problem.name));
  auto left = static_cast<std::int64_t>(weight.size());
  for (auto& element : weight) {
    if (draws.integer(left--) >= removed) continue;
    element = T{0};
    --removed;
  }
  return solution_of(problem, std::move(weight));
}

} // namespace

Random::Random(Options options) : options_(options) {
  check_damping("Random", options_.damping);
}

LayerSolution Random::prune(const LayerProblem& problem, double sparsity) const {
  const auto start = std::chrono::steady_clock::now();
  const auto extents = check_weight("Random", problem, sparsity);
  if (options_.refit) check_gram("Random", problem, extents);
  const std::int64_t removed = exact_count(sparsity, extents.size());
  if (removed == 0) return options_.refit ? all_or_nothing(problem, 0.0) : unchanged(problem);
  auto solution = problem.weight.scalar_type() == ScalarType::Float32
                      ? prune_layer<float>(problem, removed, options_.seed)
                      : prune_layer<double>(problem, removed, options_.seed);
  if (options_.refit) solution = refit_layer("Random", problem, solution, options_.damping);
  solution.report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return solution;
}

} // namespace spade::pruners
