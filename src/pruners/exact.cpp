// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/pruners/exact.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

#include <spade/core/error.hpp>
#include <spade/pruners/damping.hpp>

#include "linalg/damped_factor.hpp"
#include "pruners/eliminate_rows.hpp"
#include "pruners/elimination_state.hpp"
#include "pruners/group_loop.hpp"
#include "pruners/pattern_columns.hpp"
#include "pruners/problem_check.hpp"
#include "pruners/refit_layer.hpp"
#include "pruners/removal_order.hpp"

namespace spade::pruners {
namespace {

void eliminate_once(Elimination::State& state, std::int64_t g, double damping) {
  auto& group = state.groups[static_cast<std::size_t>(g)];
  const TensorView gram = state.problem.gram[g];
  const auto context = message("Exact: the Gram matrix of layer '", state.problem.name, "', group ", g);
  auto factor = state.options.reference ? linalg::factor_reference(gram, group.live, context)
                                        : linalg::factor_damped<double>(gram, group.live, damping, context);
  group.damping = factor.damping;
  group.scale = factor.scale;
  group.inverse = linalg::inverse_of(std::move(factor));
  eliminate_rows(state, g, all_rows(state), context);
}

// A damping that suffices for the factor in double may not for an elimination in float.
void eliminate_group(Elimination::State& state, std::int64_t g, double damping) {
  auto& group = state.groups[static_cast<std::size_t>(g)];
  if (group.steps == 0) return;
  const auto run = [&] { eliminate_once(state, g, damping); };
  if (state.options.reference) return run();
  with_raised_damping(run, [&] {
    damping = linalg::raised_damping(group.damping);
    group.inverse.reset();
  });
}

linalg::LiveColumns variables_of(const Elimination::State& state, std::int64_t g) {
  const TensorView gram = state.problem.gram[g];
  if (!state.has_pattern())
    return state.options.reference ? linalg::reference_columns(gram) : linalg::live_columns(gram);
  auto live = state.options.reference ? linalg::reference_columns(gram) : linalg::all_columns(gram);
  const auto& pattern = state.options.pattern;
  auto order = columns_in_order(pattern.order, state.extents.columns, state.problem.columns_per_channel);
  if (pattern.block > 1) {
    const std::int64_t blocks = state.extents.columns / pattern.block;
    const auto stored = order;
    for (std::size_t position = 0; position < stored.size(); ++position) {
      const auto at = static_cast<std::int64_t>(position);
      order[static_cast<std::size_t>(at % pattern.block * blocks + at / pattern.block)] = stored[position];
    }
  }
  arrange(live, order);
  return live;
}

} // namespace

Exact::Exact(Options options) : options_(options) {
  check_pattern("Exact", options_.pattern);
  check_damping("Exact", options_.damping);
}

Elimination Exact::eliminate(const LayerProblem& problem) const {
  auto state = std::make_shared<Elimination::State>();
  state->pruner = "Exact";
  state->problem = problem;
  state->options = options_;
  state->extents = check_weight("Exact", problem, 0.0);
  check_gram("Exact", problem, state->extents);
  const auto& extents = state->extents;
  if (state->has_pattern())
    check_pattern("Exact", options_.pattern, problem.name, extents.columns, problem.columns_per_channel);
  const auto& pattern = options_.pattern;
  std::size_t total = 0;
  for (std::int64_t g = 0; g < extents.groups; ++g) {
    GroupElimination group;
    group.live = variables_of(*state, g);
    group.steps =
        pattern.of > 0 ? group.variables() / pattern.of * pattern.zeros : group.variables() / pattern.block;
    group.offset = total;
    total += static_cast<std::size_t>(extents.rows * group.steps);
    state->groups.push_back(std::move(group));
  }
  state->order.resize(total);
  state->losses.resize(total);
  const double damping = options_.damping.value_or(default_damping(problem.positions, extents.columns));
  for_groups_of_few_rows(extents, [&](std::int64_t g) { eliminate_group(*state, g, damping); });
  return Elimination(std::move(state));
}

LayerSolution Exact::prune(const LayerProblem& problem, double sparsity) const {
  const auto start = std::chrono::steady_clock::now();
  const auto extents = check_weight("Exact", problem, sparsity);
  check_gram("Exact", problem, extents);
  if (sparsity == 0.0 || sparsity == 1.0) return all_or_nothing(problem, sparsity);
  check_pattern_sparsity("Exact", options_.pattern, problem.name, sparsity);
  auto solution = eliminate(problem).solution(sparsity);
  solution.report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return solution;
}

} // namespace spade::pruners
