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
#include "pruners/elimination_state.hpp"
#include "pruners/forward_selection.hpp"
#include "pruners/problem_check.hpp"
#include "pruners/refit_layer.hpp"
#include "pruners/removal_order.hpp"
#include "pruners/row_strip.hpp"
#include "pruners/swap_weights.hpp"

namespace spade::pruners {
namespace {

// From here on forward selection to twice the kept weights costs less than eliminating all others.
constexpr double least_sparsity = 0.75;

// Rows that keep few weights on average need room for those that keep more.
constexpr std::int64_t least_spare = 8;

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
  RowSelection(const GroupMatrices<T>& group, std::int64_t most)
      : group_(group), forward_(group.shared.size, most),
        moments_(static_cast<std::size_t>(group.shared.size)), chosen_(moments_.size()) {}

  /// @param moments H' w, [n] @param record of n removals
  void run(const double* moments, const RowRecord& record, const std::string& context) {
    const std::int64_t n = group_.shared.size;
    std::transform(moments, moments + n, moments_.begin(), [](double m) { return static_cast<T>(m); });
    const auto& chosen = forward_.run(group_.shared, moments_.data());
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

template <class T>
void select_rows(Elimination::State& state, std::int64_t g, std::int64_t most, const std::string& context) {
  const auto& group = state.groups[static_cast<std::size_t>(g)];
  const std::int64_t n = group.variables();
  const auto h = linalg::damped_matrix(state.problem.gram[g], group.live, group.damping, group.scale);
  const auto copy = strided_copy<T>(h, n);
  const double floor = 0.5 * group.scale * group.damping * group.live.mean; // under every eigenvalue of H'
  const double tiny = static_cast<double>(std::numeric_limits<T>::epsilon()) * group.scale * group.live.mean;
  const GroupMatrices<T> matrices{
      h.data(), {copy.data(), n, row_elimination_stride(n), static_cast<T>(std::max(floor, tiny))}};
  RowStrip rows(state.problem.weight[g], group.live, h.data());
  while (rows.next()) {
    parallel_for(rows.count(), 1, [&](std::int64_t begin, std::int64_t end) {
      RowSelection<T> selection(matrices, most);
      for (std::int64_t r = begin; r < end; ++r) {
        const std::size_t offset = group.offset + static_cast<std::size_t>((rows.first() + r) * n);
        const RowRecord record{state.order.data() + offset, state.losses.data() + offset, n,
                               std::ldexp(0.5 / group.scale, 2 * rows.exponent(r))};
        selection.run(rows.moments(r), record, context);
      }
    });
  }
}

void select_group(Elimination::State& state, std::int64_t g, double damping, std::int64_t most) {
  auto& group = state.groups[static_cast<std::size_t>(g)];
  if (group.steps == 0) return;
  const auto context =
      message("ForwardBackward: the Gram matrix of layer '", state.problem.name, "', group ", g);
  {
    const auto factor = linalg::factor_damped<double>(state.problem.gram[g], group.live, damping, context);
    group.damping = factor.damping;
    group.scale = factor.scale;
  }
  const std::int64_t own = std::min(most, group.variables());
  const bool in_double = state.options.in_double || state.problem.weight.scalar_type() == ScalarType::Float64;
  if (in_double) {
    select_rows<double>(state, g, own, context);
  } else {
    select_rows<float>(state, g, own, context);
  }
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
  if (sparsity == 0.0 || sparsity == 1.0) {
    auto trivial = sparsity == 0.0 ? unchanged(problem) : all_zero(problem);
    trivial.report.relative_error = sparsity;
    return trivial;
  }
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
  const std::int64_t kept = extents.size() - exact_count(sparsity, extents.size());
  const std::int64_t rows = extents.groups * extents.rows;
  const std::int64_t mean = (kept + rows - 1) / rows;
  const std::int64_t most = std::max(2 * mean, mean + least_spare);
  const double damping = options_.damping.value_or(default_damping(problem.positions, extents.columns));
  const auto work = [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t g = begin; g < end; ++g)
      select_group(*state, g, damping, most);
  };
  // Groups of few rows are shared out over threads themselves.
  if (extents.groups > 1 && extents.rows < 8) {
    parallel_for(extents.groups, extents.columns < 64 ? 16 : 1, work);
  } else {
    work(0, extents.groups);
  }
  if (options_.swaps) swap_weights(*state, sparsity);
  auto solution = Elimination(state).solution(sparsity);
  solution.report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return solution;
}

} // namespace spade::pruners
