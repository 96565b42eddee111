// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/pruners/forward_backward.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include <spade/core/error.hpp>
#include <spade/core/parallel.hpp>
#include <spade/linalg/cholesky.hpp>
#include <spade/pruners/damping.hpp>
#include <spade/pruners/exact.hpp>

#include "linalg/damped_factor.hpp"
#include "pruners/chosen_factor.hpp"
#include "pruners/eliminate_rows.hpp"
#include "pruners/elimination_state.hpp"
#include "pruners/forward_selection.hpp"
#include "pruners/group_loop.hpp"
#include "pruners/problem_check.hpp"
#include "pruners/refit_layer.hpp"
#include "pruners/removal_order.hpp"
#include "pruners/row_intake.hpp"
#include "pruners/row_strip.hpp"
#include "pruners/swap_weights.hpp"

namespace spade::pruners {
namespace {

// From here on forward selection to twice the kept weights costs less than eliminating all others.
constexpr double least_sparsity = 0.75;

// H' of one group: in double, for the final weights and the inverses of its corners, and in T for the
// selection.
template <class T> struct GroupMatrices {
  const double* whole;
  SharedMatrix<T> shared;
};

// Where one row's second half begins: the least-squares optimum on the chosen variables.
template <class T> struct Chosen {
  linalg::Workspace<T> inverse; ///< of H' at them
  std::vector<T> weights;
  T smallest;
};

template <class T>
Chosen<T> optimum_on(const std::vector<std::int32_t>& chosen, const GroupMatrices<T>& group,
                     const double* moments, const std::string& context) {
  const auto m = static_cast<std::int64_t>(chosen.size());
  linalg::Workspace<double> corner(m * m);
  linalg::Workspace<double> inverse(m * m);
  factor_chosen(group.whole, group.shared.size, chosen, corner.data(), context);
  linalg::invert_cholesky<double>({corner.data(), m, m, m}, {inverse.data(), m, m, m});
  std::vector<T> weights;
  double largest = 0;
  for (std::int64_t i = 0; i < m; ++i) {
    const std::int64_t v = chosen[static_cast<std::size_t>(i)];
    largest = std::max(largest, group.whole[v * (group.shared.size + 1)]);
    double sum = 0;
    for (std::int64_t j = 0; j < m; ++j)
      sum += inverse.data()[i * m + j] * moments[chosen[static_cast<std::size_t>(j)]];
    weights.push_back(static_cast<T>(sum));
  }
  return {strided_copy<T>(inverse, m), std::move(weights), static_cast<T>(1.0 / largest)};
}

// The second half. The record has room for the chosen ones.
template <class T>
void eliminate_chosen(const std::vector<std::int32_t>& chosen, const GroupMatrices<T>& group,
                      const double* moments, const RowRecord& record, const std::string& context) {
  const auto m = static_cast<std::int64_t>(chosen.size());
  const auto start = optimum_on(chosen, group, moments, context);
  RowElimination<T> row(m);
  row.start({start.inverse.data(), m, row_elimination_stride(m), start.smallest}, start.weights.data());
  remove_one_by_one(row, Pattern::unstructured(), record, context);
  for (std::int64_t t = 0; t < m; ++t)
    record.order[t] = chosen[static_cast<std::size_t>(record.order[t])];
}

// One row: what was not chosen is gone before the first step, at no cost; then elimination.
template <class T> class RowSelection {
public:
  /// @param most the largest intake of any row
  RowSelection(const GroupMatrices<T>& group, std::int64_t most)
      : group_(group), forward_(group.shared.size, most),
        moments_(static_cast<std::size_t>(group.shared.size)), chosen_(moments_.size()) {}

  /// @param moments H' w, [n] @param intake how many are chosen @param record of n removals
  void run(const double* moments, std::int64_t intake, const RowRecord& record, const std::string& context) {
    const std::int64_t n = group_.shared.size;
    std::transform(moments, moments + n, moments_.begin(), [](double m) { return static_cast<T>(m); });
    const auto& chosen = forward_.run(group_.shared, moments_.data(), intake);
    std::fill(chosen_.begin(), chosen_.end(), false);
    for (const auto v : chosen)
      chosen_[static_cast<std::size_t>(v)] = true;
    std::int64_t gone = 0;
    for (std::int64_t v = 0; v < n; ++v) {
      if (chosen_[static_cast<std::size_t>(v)]) continue;
      record.order[gone] = static_cast<std::int32_t>(v);
      record.losses[gone++] = 0.0;
    }
    eliminate_chosen<T>(chosen, group_, moments,
                        {record.order + gone, record.losses + gone, n - gone, record.unit}, context);
  }

private:
  const GroupMatrices<T>& group_;
  ForwardSelection<T> forward_;
  std::vector<T> moments_;
  std::vector<bool> chosen_;
};

// Some rows of a group, of which none takes in all variables.
template <class T>
void select_rows(Elimination::State& state, std::int64_t g, const std::vector<std::int64_t>& chosen,
                 const RowIntake& intake, const std::string& context) {
  const auto& group = state.groups[static_cast<std::size_t>(g)];
  const std::int64_t n = group.variables();
  const auto h = linalg::damped_matrix(state.problem.gram[g], group.live, group.damping, group.scale);
  const auto copy = strided_copy<T>(h, n);
  const double floor = 0.5 * group.scale * group.damping * group.live.mean; // under every eigenvalue of H'
  const double tiny = static_cast<double>(std::numeric_limits<T>::epsilon()) * group.scale * group.live.mean;
  const GroupMatrices<T> matrices{
      h.data(), {copy.data(), n, row_elimination_stride(n), static_cast<T>(std::max(floor, tiny))}};
  std::int64_t most = 0;
  for (const auto r : chosen)
    most = std::max(most, intake.of(g, r));
  RowStrip rows(state.problem.weight[g], chosen, group.live, h.data());
  while (rows.next()) {
    parallel_for(rows.count(), 1, [&](std::int64_t begin, std::int64_t end) {
      RowSelection<T> selection(matrices, most);
      for (std::int64_t i = begin; i < end; ++i) {
        const std::int64_t r = rows.row(i);
        const std::size_t offset = group.offset + static_cast<std::size_t>(r * n);
        const RowRecord record{state.order.data() + offset, state.losses.data() + offset, n,
                               std::ldexp(0.5 / group.scale, 2 * rows.exponent(i))};
        selection.run(rows.moments(i), intake.of(g, r), record, context);
      }
    });
  }
}

std::string context_of(const Elimination::State& state, std::int64_t g) {
  return message("ForwardBackward: the Gram matrix of layer '", state.problem.name, "', group ", g);
}

void settle_damping(Elimination::State& state, std::int64_t g, double damping) {
  auto& group = state.groups[static_cast<std::size_t>(g)];
  if (group.variables() == 0) return;
  const auto factor =
      linalg::factor_damped<double>(state.problem.gram[g], group.live, damping, context_of(state, g));
  group.damping = factor.damping;
  group.scale = factor.scale;
}

void run_rows(Elimination::State& state, std::int64_t g, const std::vector<std::int64_t>& rows,
              const RowIntake& intake) {
  auto& group = state.groups[static_cast<std::size_t>(g)];
  std::vector<std::int64_t> some;
  std::vector<std::int64_t> whole;
  for (const auto r : rows)
    (intake.of(g, r) < group.variables() ? some : whole).push_back(r);
  const auto context = context_of(state, g);
  if (!some.empty()) {
    if (state.in_double()) {
      select_rows<double>(state, g, some, intake, context);
    } else {
      select_rows<float>(state, g, some, intake, context);
    }
  }
  if (whole.empty()) return;
  if (!group.inverse) group.inverse = make_inverse(state, g, context);
  eliminate_rows(state, g, whole, context);
}

// The rows of a group that are due; all of them where its damping has to be raised.
void run_group(Elimination::State& state, std::int64_t g, const RowIntake& intake) {
  auto& group = state.groups[static_cast<std::size_t>(g)];
  auto rows = intake.due(g);
  if (rows.empty()) return;
  with_raised_damping([&] { run_rows(state, g, rows, intake); },
                      [&] {
                        group.inverse.reset();
                        settle_damping(state, g, linalg::raised_damping(group.damping));
                        rows = all_rows(state);
                      });
}

// Order and losses of all rows, where `count` of the live variables are to go.
void run_layer(Elimination::State& state, std::int64_t count, double damping) {
  for_groups_of_few_rows(state.extents, [&](std::int64_t g) { settle_damping(state, g, damping); });
  RowIntake intake(state, count);
  do {
    for_groups_of_few_rows(state.extents, [&](std::int64_t g) { run_group(state, g, intake); });
  } while (intake.raise(state));
}

// The problem as a state without removals, dead columns left out.
std::shared_ptr<Elimination::State> prepare(const ForwardBackward::Options& options,
                                            const LayerProblem& problem, const Extents& extents) {
  auto state = std::make_shared<Elimination::State>();
  state->pruner = "ForwardBackward";
  state->problem = problem;
  state->extents = extents;
  state->options.in_double = options.in_double;
  state->options.report_error = options.report_error;
  std::size_t total = 0;
  for (std::int64_t g = 0; g < extents.groups; ++g) {
    GroupElimination group;
    group.live = linalg::live_columns(problem.gram[g]);
    group.steps = group.variables();
    group.offset = total;
    total += static_cast<std::size_t>(extents.rows * group.steps);
    state->groups.push_back(std::move(group));
  }
  state->order.resize(total);
  state->losses.resize(total);
  return state;
}

bool enough_positions(const ForwardBackward::Options& options, const LayerProblem& problem,
                      const Extents& extents) {
  return problem.positions <= 0 || static_cast<double>(problem.positions) >=
                                       options.least_positions * static_cast<double>(extents.columns);
}

} // namespace

ForwardBackward::ForwardBackward(Options options) : options_(options) {
  check_damping("ForwardBackward", options_.damping);
  if (!(options_.least_positions >= 0.0 && std::isfinite(options_.least_positions))) {
    throw InvalidArgument(message("ForwardBackward: least_positions ", options_.least_positions,
                                  " is no multiple of the columns; 0.25 is usual, 0 means always"));
  }
}

LayerSolution ForwardBackward::prune(const LayerProblem& problem, double sparsity) const {
  const auto start = std::chrono::steady_clock::now();
  const auto extents = check_weight("ForwardBackward", problem, sparsity);
  check_gram("ForwardBackward", problem, extents);
  if (sparsity == 0.0 || sparsity == 1.0) return all_or_nothing(problem, sparsity);
  if (sparsity < least_sparsity || !enough_positions(options_, problem, extents)) {
    Exact::Options exact;
    exact.damping = options_.damping;
    exact.in_double = options_.in_double;
    exact.report_error = options_.report_error;
    auto solution = Exact(exact).prune(problem, sparsity);
    solution.report.solver = "exact";
    return solution;
  }
  const auto state = prepare(options_, problem, extents);
  const double damping = options_.damping.value_or(default_damping(problem.positions, extents.columns));
  const std::int64_t count = asked_count(*state, sparsity) - dead_count(*state);
  if (count >= 0) run_layer(*state, count, damping); // otherwise dead columns suffice
  if (options_.swaps) swap_weights(*state, sparsity);
  auto solution = Elimination(state).solution(sparsity);
  solution.report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return solution;
}

} // namespace spade::pruners
