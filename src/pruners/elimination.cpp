// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/pruners/elimination.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iterator>
#include <numeric>
#include <optional>

#include <spade/core/error.hpp>
#include <spade/core/parallel.hpp>
#include <spade/linalg/multiply.hpp>

#include "linalg/damped_factor.hpp"
#include "linalg/kernels.hpp"
#include "pruners/dead_weights.hpp"
#include "pruners/elimination_state.hpp"
#include "pruners/nested_solver.hpp"
#include "pruners/pattern_columns.hpp"

namespace spade::pruners {

std::vector<std::int64_t> all_rows(const Elimination::State& state) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(state.extents.rows));
  std::iota(rows.begin(), rows.end(), std::int64_t{0});
  return rows;
}

linalg::Workspace<double> make_inverse(const Elimination::State& state, std::int64_t group,
                                       const std::string& context) {
  const auto& part = state.groups[static_cast<std::size_t>(group)];
  return linalg::inverse_of(
      linalg::factor_damped<double>(state.problem.gram[group], part.live, part.damping, context));
}

std::vector<std::int32_t> removal_sequence(const Elimination::State& state, const GroupElimination& group,
                                           std::int64_t row) {
  const std::int64_t n = group.variables();
  const std::int64_t blocks = n / state.block();
  const auto* order = state.order.data() + group.offset + static_cast<std::size_t>(row * group.steps);
  std::vector<std::int32_t> sequence;
  std::vector<bool> gone(static_cast<std::size_t>(n));
  for (std::int64_t t = 0; t < group.steps; ++t) {
    for (std::int64_t v = order[t]; v < n; v += blocks) {
      sequence.push_back(static_cast<std::int32_t>(v));
      gone[static_cast<std::size_t>(v)] = true;
    }
  }
  for (std::int64_t v = 0; v < n; ++v) {
    if (!gone[static_cast<std::size_t>(v)]) sequence.push_back(static_cast<std::int32_t>(v));
  }
  return sequence;
}

std::int64_t asked_count(const Elimination::State& state, double sparsity) {
  const double share = sparsity * static_cast<double>(state.extents.size() / state.block());
  return static_cast<std::int64_t>(state.options.reference ? std::ceil(share) : std::round(share));
}

std::int64_t dead_count(const Elimination::State& state) {
  std::int64_t live = 0;
  for (const auto& group : state.groups)
    live += state.extents.rows * group.variables();
  return state.extents.size() - live;
}

std::vector<std::int64_t> removals_by_row(const Elimination::State& state, std::int64_t count) {
  std::vector<std::int64_t> result;
  const auto& losses = state.losses;
  count = std::clamp<std::int64_t>(count, 0, static_cast<std::int64_t>(losses.size()));
  const double threshold = count == 0 ? -1.0
                                      : linalg::kernels<double>().threshold(
                                            static_cast<std::int64_t>(losses.size()), losses.data(), count);
  std::int64_t equal =
      count - std::count_if(losses.begin(), losses.end(), [&](double loss) { return loss < threshold; });
  for (const auto& group : state.groups) {
    const double* loss = losses.data() + group.offset;
    for (std::int64_t r = 0; r < state.extents.rows; ++r) {
      std::int64_t mine = 0;
      for (std::int64_t t = 0; t < group.steps; ++t, ++loss)
        mine += *loss < threshold || (*loss == threshold && equal-- > 0) ? 1 : 0;
      result.push_back(mine);
    }
  }
  return result;
}

namespace {

struct GroupTotals {
  double error = 0;  ///< tr(D H D^T)
  double output = 0; ///< tr(W H W^T)
};

// One solution in the making.
template <class Weight> struct Draft {
  std::size_t asked = 0;             ///< index of its sparsity
  std::vector<std::int64_t> removed; ///< removals of each row
  std::vector<Weight> weight;
  std::vector<GroupTotals> rows; ///< [G][R]
};

// The inverse of a group's H' for its final weights, where it was not kept and pays.
template <class Weight>
std::optional<linalg::Workspace<double>> inverse_again(const Elimination::State& state, std::int64_t g,
                                                       const std::vector<Draft<Weight>>& drafts,
                                                       const std::string& context) {
  const auto& group = state.groups[static_cast<std::size_t>(g)];
  if (group.inverse) return {};
  std::vector<std::int64_t> least;
  for (std::int64_t r = 0; r < state.extents.rows; ++r) {
    std::int64_t removed = group.variables();
    for (const auto& draft : drafts) {
      const auto row = static_cast<std::size_t>(g * state.extents.rows + r);
      removed = std::min(removed, draft.removed[row] * state.block());
    }
    least.push_back(removed);
  }
  if (!inverse_pays(group.variables(), least)) return {};
  return make_inverse(state, g, context);
}

/// Solves all rows of one group for all drafts.
template <class Weight>
void solve_group(const Elimination::State& state, std::int64_t g, std::vector<Draft<Weight>>& drafts) {
  const auto& group = state.groups[static_cast<std::size_t>(g)];
  const std::int64_t n = group.variables();
  if (n == 0) return;
  const auto& extents = state.extents;
  const TensorView gram = state.problem.gram[g];
  const auto context =
      message(state.pruner, ": the Gram matrix of layer '", state.problem.name, "', group ", g);
  const auto again = inverse_again(state, g, drafts, context);
  const double* const inverse = again ? again->data() : group.inverse ? group.inverse->data() : nullptr;
  const auto h = linalg::damped_matrix(gram, group.live, group.damping, group.scale);
  const double shift = group.damping * group.live.mean * group.scale;
  const TensorView view = state.problem.weight[g];
  const auto* given = view.data<Weight>();
  std::vector<bool> zeroed(static_cast<std::size_t>(n));
  for (const auto v : group.live.zeroed)
    zeroed[static_cast<std::size_t>(v)] = true;

  // Some rows at a time: the products with H are in double.
  const std::int64_t strip = std::min<std::int64_t>(64, extents.rows);
  std::vector<double> weights(static_cast<std::size_t>(strip * n));
  std::vector<double> moments(static_cast<std::size_t>(strip * n));
  for (std::int64_t first = 0; first < extents.rows; first += strip) {
    const std::int64_t count = std::min(strip, extents.rows - first);
    for (std::int64_t r = 0; r < count; ++r) {
      for (std::int64_t v = 0; v < n; ++v) {
        const std::int64_t at = (first + r) * view.strides()[0] +
                                group.live.index[static_cast<std::size_t>(v)] * view.strides()[1];
        weights[static_cast<std::size_t>(r * n + v)] =
            zeroed[static_cast<std::size_t>(v)] ? 0.0 : static_cast<double>(given[at]);
      }
    }
    std::fill(moments.begin(), moments.end(), 0.0);
    linalg::multiply_add<double>(1.0, {weights.data(), count, n, n, 1}, {h.data(), n, n, n, 1},
                                 {moments.data(), count, n, n});
    parallel_for(count, 1, [&](std::int64_t begin, std::int64_t end) {
      NestedSolver solver(h.data(), inverse, n);
      for (std::int64_t r = begin; r < end; ++r) {
        const std::int64_t row = g * extents.rows + first + r;
        const auto sequence = removal_sequence(state, group, first + r);
        const double* w = weights.data() + r * n;
        const double* moment = moments.data() + r * n;
        const double output = std::inner_product(w, w + n, moment, 0.0);
        const double squares = std::inner_product(w, w + n, w, 0.0);
        std::vector<std::size_t> by_count(drafts.size());
        std::iota(by_count.begin(), by_count.end(), std::size_t{0});
        const auto removed_of = [&](std::size_t d) {
          return drafts[d].removed[static_cast<std::size_t>(row)];
        };
        std::stable_sort(by_count.begin(), by_count.end(),
                         [&](auto a, auto b) { return removed_of(a) < removed_of(b); });
        std::vector<std::int64_t> removed;
        for (const auto d : by_count)
          removed.push_back(removed_of(d) * state.block());
        solver.solve(w, moment, sequence, removed, context, [&](std::size_t s, const double* q, double loss) {
          auto& draft = drafts[by_count[s]];
          Weight* out = draft.weight.data() + row * extents.columns;
          double distance = 0;
          for (std::int64_t v = 0; v < n; ++v) {
            distance += (w[v] - q[v]) * (w[v] - q[v]);
            if (!zeroed[static_cast<std::size_t>(v)])
              out[group.live.index[static_cast<std::size_t>(v)]] = static_cast<Weight>(q[v]);
          }
          // What is left of dead columns keeps its weights, but for the published rule.
          const std::int64_t whole = state.options.reference ? n : removed[s];
          for (std::int64_t i = 0; i < whole; ++i) {
            const auto v = static_cast<std::size_t>(sequence[static_cast<std::size_t>(i)]);
            if (zeroed[v] || i < removed[s]) out[group.live.index[v]] = Weight{0};
          }
          draft.rows[static_cast<std::size_t>(row)] = {std::max(0.0, loss - shift * distance) / group.scale,
                                                       std::max(0.0, output - shift * squares) / group.scale};
        });
      }
    });
  }
}

// The whole layer with all dead columns zero.
template <class Weight> std::vector<Weight> live_weights(const Elimination::State& state) {
  auto weight = state.problem.weight.to_vector<Weight>();
  for (std::int64_t g = 0; g < state.extents.groups; ++g) {
    const auto dead =
        linalg::dead_columns(state.groups[static_cast<std::size_t>(g)].live, state.extents.columns);
    remove_dead<Weight>({dead, std::ssize(dead)}, state.extents.rows, state.extents.columns,
                        weight.data() + g * state.extents.rows * state.extents.columns);
  }
  return weight;
}

template <class Weight>
std::vector<LayerSolution> solve(const Elimination::State& state, std::span<const double> sparsities) {
  const auto start = std::chrono::steady_clock::now();
  std::vector<LayerSolution> solutions(sparsities.size());
  std::vector<Draft<Weight>> drafts;
  const std::int64_t dead = dead_count(state);
  for (std::size_t s = 0; s < sparsities.size(); ++s) {
    const std::int64_t count = asked_count(state, sparsities[s]);
    if (sparsities[s] == 0.0 || count == 0) {
      solutions[s] = all_or_nothing(state.problem, 0.0);
    } else if (sparsities[s] == 1.0) {
      solutions[s] = all_or_nothing(state.problem, 1.0);
    } else if (count < dead) {
      solutions[s] = without_smallest_dead<Weight>(state.problem, count);
    } else {
      drafts.push_back(
          {s, removals_by_row(state, count - dead), live_weights<Weight>(state),
           std::vector<GroupTotals>(static_cast<std::size_t>(state.extents.groups * state.extents.rows))});
    }
  }
  if (!drafts.empty()) {
    for (std::int64_t g = 0; g < state.extents.groups; ++g)
      solve_group<Weight>(state, g, drafts);
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  double damping = 0;
  for (const auto& group : state.groups)
    damping = std::max(damping, group.damping);
  for (auto& draft : drafts) {
    GroupTotals total;
    for (const auto& row : draft.rows) {
      total.error += row.error;
      total.output += row.output;
    }
    auto& solution = solutions[draft.asked];
    solution = solution_of(state.problem, std::move(draft.weight));
    solution.report.damping = damping;
    solution.report.relative_error = total.output > 0 ? total.error / total.output : 0.0;
  }
  for (auto& solution : solutions) {
    solution.report.seconds = seconds;
    if (!state.options.report_error) solution.report.relative_error.reset();
  }
  return solutions;
}

} // namespace

std::vector<Elimination::Removal> Elimination::removals(std::int64_t group, std::int64_t row) const {
  const auto& state = *state_;
  if (group < 0 || group >= state.extents.groups || row < 0 || row >= state.extents.rows) {
    throw InvalidArgument(message("Elimination: layer '", state.problem.name, "' has no row ", row,
                                  " in group ", group, "; it has ", state.extents.groups, " groups of ",
                                  state.extents.rows));
  }
  const auto& part = state.groups[static_cast<std::size_t>(group)];
  std::vector<Removal> result;
  for (const auto c : linalg::dead_columns(part.live, state.extents.columns))
    result.push_back({c, 0.0});
  const std::size_t offset = part.offset + static_cast<std::size_t>(row * part.steps);
  for (std::int64_t t = 0; t < part.steps; ++t) {
    const std::size_t at = offset + static_cast<std::size_t>(t);
    result.push_back({part.live.index[static_cast<std::size_t>(state.order[at])], state.losses[at]});
  }
  return result;
}

LayerSolution Elimination::solution(double sparsity) const {
  return solutions({&sparsity, 1}).front();
}

std::vector<LayerSolution> Elimination::solutions(std::span<const double> sparsities) const {
  for (const double sparsity : sparsities) {
    check_weight("Elimination", state_->problem, sparsity);
    check_pattern_sparsity("Elimination", state_->options.pattern, state_->problem.name, sparsity);
  }
  return state_->problem.weight.scalar_type() == ScalarType::Float32 ? solve<float>(*state_, sparsities)
                                                                     : solve<double>(*state_, sparsities);
}

} // namespace spade::pruners
