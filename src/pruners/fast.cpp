// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/pruners/fast.hpp>

#include <algorithm>
#include <atomic>
#include <bit>
#include <chrono>
#include <cmath>
#include <functional>
#include <iterator>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <spade/core/error.hpp>
#include <spade/core/parallel.hpp>
#include <spade/pruners/damping.hpp>

#include "linalg/damped_factor.hpp"
#include "linalg/packed.hpp"
#include "pruners/dead_weights.hpp"
#include "pruners/group_loop.hpp"
#include "pruners/mask_plan.hpp"
#include "pruners/pattern_columns.hpp"
#include "pruners/problem_check.hpp"
#include "pruners/refit.hpp"
#include "pruners/refit_layer.hpp"
#include "pruners/sweep.hpp"

namespace spade::pruners {
namespace {

struct GroupOutcome {
  double error = 0;  ///< tr(D H D^T)
  double output = 0; ///< tr(W H W^T)
  double damping = 0;
};

// One group's weights, and where they end up.
template <class Weight> struct GroupWeights {
  const TensorView& view;              ///< W [R, C]
  const std::function<Weight*()>& out; ///< Q [R, C], row-major; not made before it is asked for
  double unit;                         ///< the sweep works on W / unit
};

// |w| as an integer: finite ones are ordered alike, infinity and NaN come after them. A maximum of floats would be
// taken one by one.
template <class Weight> auto magnitude(Weight w) {
  using Bits = std::conditional_t<sizeof(Weight) == sizeof(std::int32_t), std::int32_t, std::int64_t>;
  return std::bit_cast<Bits>(std::abs(w));
}

// A power of two that brings the layer's largest weight near 1, so that no unit of W over- or underflows.
template <class Weight> double unit_of(const TensorView& weight) {
  const std::int64_t columns = weight.extent(2);
  const std::int64_t step = weight.strides()[2];
  auto largest = magnitude(Weight{0});
  for (std::int64_t g = 0; g < weight.extent(0); ++g) {
    for (std::int64_t r = 0; r < weight.extent(1); ++r) {
      const Weight* row = weight.data<Weight>() + g * weight.strides()[0] + r * weight.strides()[1];
      for (std::int64_t c = 0; c < columns; ++c)
        largest = std::max(largest, magnitude(row[c * step]));
    }
  }
  int exponent = 0;
  (void)std::frexp(static_cast<double>(std::bit_cast<Weight>(largest)), &exponent);
  constexpr int most = std::numeric_limits<Weight>::max_exponent - 2; // 1 / unit does not overflow
  return std::ldexp(1.0, std::clamp(exponent, -most, most));
}

// Calls each(first row, rows, [sliver, n] of workspace) for slivers of rows, shared out over threads.
template <class T, class Each> void for_slivers(std::int64_t rows, std::int64_t n, const Each& each) {
  const std::int64_t sliver = linalg::kernels<T>().sliver;
  const std::int64_t slivers = (rows + sliver - 1) / sliver;
  // Moving an element costs about as much as sixteen multiply-adds.
  const double cost = 16.0 * static_cast<double>(rows) * static_cast<double>(n);
  parallel_for(slivers, linalg::grain_for(cost, slivers), [&](std::int64_t begin, std::int64_t end) {
    std::vector<T> some(static_cast<std::size_t>(sliver * n));
    for (std::int64_t s = begin; s < end; ++s)
      each(s * sliver, std::min(sliver, rows - s * sliver), some.data());
  });
}

// Packs W's live columns. The published solver sets the weights of dead columns to zero first; elsewhere dead
// columns are not among these.
template <class T, class Weight>
void load(const GroupWeights<Weight>& weights, const linalg::LiveColumns& live, T* packed) {
  const auto& kernel = linalg::kernels<T>();
  const auto n = static_cast<std::int64_t>(live.index.size());
  const auto* given = weights.view.template data<Weight>();
  const std::int64_t row_stride = weights.view.strides()[0];
  const std::int64_t column_stride = weights.view.strides()[1];
  const auto scale = static_cast<T>(1 / weights.unit);
  const bool plain = column_stride == 1 && live.consecutive(); // becomes vector instructions
  for_slivers<T>(weights.view.extent(0), n, [&](std::int64_t first, std::int64_t count, T* some) {
    for (std::int64_t r = 0; r < count; ++r) {
      const auto* row = given + (first + r) * row_stride;
      if (plain) {
        for (std::int64_t c = 0; c < n; ++c)
          some[r * n + c] = static_cast<T>(row[c]) * scale;
      } else {
        for (std::int64_t c = 0; c < n; ++c)
          some[r * n + c] =
              static_cast<T>(row[live.index[static_cast<std::size_t>(c)] * column_stride]) * scale;
      }
      for (const auto c : live.zeroed)
        some[r * n + c] = T{0};
    }
    kernel.pack(count, n, some, n, 1, packed + first * n);
  });
}

// And back. @returns whether all of them are finite
template <class T, class Weight>
bool store(const T* packed, const linalg::LiveColumns& live, const GroupWeights<Weight>& weights) {
  const auto& kernel = linalg::kernels<T>();
  const auto n = static_cast<std::int64_t>(live.index.size());
  const std::int64_t columns = weights.view.extent(1);
  Weight* const out = weights.out();
  const auto unit = static_cast<T>(weights.unit);
  const bool plain = live.consecutive();
  std::atomic<bool> finite{true};
  for_slivers<T>(weights.view.extent(0), n, [&](std::int64_t first, std::int64_t count, T* some) {
    auto largest = magnitude(Weight{0});
    kernel.unpack(count, n, packed + first * n, some, n);
    for (std::int64_t r = 0; r < count; ++r) {
      Weight* const row = out + (first + r) * columns;
      const auto kept = [&](std::int64_t c) {
        const auto value = static_cast<Weight>(some[r * n + c] * unit);
        largest = std::max(largest, magnitude(value));
        return value;
      };
      if (plain) {
        for (std::int64_t c = 0; c < n; ++c)
          row[c] = kept(c);
      } else {
        for (std::int64_t c = 0; c < n; ++c)
          row[live.index[static_cast<std::size_t>(c)]] = kept(c);
      }
    }
    if (!std::isfinite(std::bit_cast<Weight>(largest))) finite = false;
  });
  return finite;
}

// The sweep alone; all that it needs is given back before a refit.
template <class T, class Weight>
GroupError sweep_group(const Fast::Options& options, const linalg::DampedFactor<T>& factor,
                       const GroupPlan& plan, const std::string& context,
                       const GroupWeights<Weight>& weights) {
  Sweep<T> sweep(factor.lower(), weights.view.extent(0));
  load(weights, plan.live, sweep.weights());
  GroupError error;
  if (options.report_error && !options.refit) {
    error.weights = sweep.squared_weights();
    error.output = sweep.squared_output();
  }
  const auto sums = sweep.run(plan.blocks);
  const bool finite = store(sweep.weights(), plan.live, weights);
  if (!finite || !std::isfinite(sums.loss) || !std::isfinite(sums.distance)) {
    throw NumericalError(message(context, ": the pruned weights overflow; scale the weights down"));
  }
  error.loss = sums.loss;
  error.distance = sums.distance;
  return error;
}

template <class T, class Weight>
GroupOutcome prune_group(const Fast::Options& options, const TensorView& gram, const TensorView& weight,
                         const GroupPlan& plan, double damping, const std::string& context,
                         const std::function<Weight*()>& result, double unit) {
  const auto& live = plan.live;
  if (live.index.empty()) return {};
  GroupError error;
  double scale = 1;
  {
    const auto factor = linalg::factor_damped<T>(gram, live, damping, context);
    damping = factor.damping;
    scale = factor.scale;
    error = sweep_group<T, Weight>(options, factor, plan, context, {weight, result, unit});
  }
  if (options.refit) {
    Weight* const out = result();
    std::optional<linalg::Workspace<double>> inverse;
    if (wants_inverse(live, weight.extent(0), weight.extent(1), out)) {
      auto factor = linalg::factor_damped<double>(gram, live, damping, context);
      damping = factor.damping;
      inverse = linalg::inverse_of(std::move(factor));
    }
    error = refit(gram, live, damping, scale, inverse ? inverse->data() : nullptr, weight, out, context);
  }
  const double shift = damping * live.mean * scale;
  return {std::max(0.0, error.loss - shift * error.distance) / scale,
          std::max(0.0, error.output - shift * error.weights) / scale, damping};
}

// The groups of a depthwise convolution are too small to share one out over threads; large ones are shared
// out inside.
std::int64_t group_grain(const Extents& extents) {
  const auto columns = static_cast<double>(extents.columns);
  const bool small = columns * columns * (columns / 3 + static_cast<double>(extents.rows)) < 1e8;
  return small ? 32 : extents.groups;
}

// What one group takes: the factor, and the sweep's matrices of whole slivers of rows; in a refit the inverse,
// as it is made.
template <class T> double group_doubles(const Extents& extents, bool refit) {
  const auto columns = static_cast<double>(extents.columns);
  const std::int64_t sliver = linalg::kernels<T>().sliver;
  const auto rows = static_cast<double>((extents.rows + sliver - 1) / sliver * sliver);
  const auto factored = static_cast<double>(linalg::factor_workspace<T>(extents.columns));
  const double swept = (columns * columns + std::max(columns * (4 * rows + 256), factored)) *
                       (static_cast<double>(sizeof(T)) / 8.0);
  return refit ? std::max(swept, columns * (3.5 * columns + 64)) : swept;
}

template <class T, class Weight>
LayerSolution prune_layer(const Fast::Options& options, const LayerProblem& problem, const Extents& extents,
                          const MaskPlan& plan) {
  if (plan.only_dead) return without_smallest_dead<Weight>(problem, *plan.only_dead);
  std::vector<Weight> out;
  const std::int64_t per_group = extents.rows * extents.columns;
  const double unit = unit_of<Weight>(problem.weight);
  // One group's sweep needs most of the memory: its result is made after that.
  if (extents.groups > 1) out = problem.weight.to_vector<Weight>();
  const double damping = options.damping.value_or(
      options.reference ? 1e-2 : default_damping(problem.positions, extents.columns));
  std::vector<GroupOutcome> outcomes(static_cast<std::size_t>(extents.groups));
  for_groups(extents, group_grain(extents), group_doubles<T>(extents, options.refit), [&](std::int64_t g) {
    const auto context = message("Fast: the Gram matrix of layer '", problem.name, "', group ", g);
    const auto group = plan.group(g);
    const std::function<Weight*()> result = [&] {
      const bool all_written = std::ssize(group.live.index) == extents.columns;
      if (out.empty())
        out = all_written ? std::vector<Weight>(static_cast<std::size_t>(per_group))
                          : problem.weight.to_vector<Weight>();
      return out.data() + g * per_group;
    };
    outcomes[static_cast<std::size_t>(g)] = prune_group<T, Weight>(
        options, problem.gram[g], problem.weight[g], group, damping, context, result, unit);
    for (const auto& dead : group.dead)
      remove_dead(dead, extents.rows, extents.columns, result());
  });
  auto solution = solution_of(problem, std::move(out));
  GroupOutcome total;
  for (const auto& outcome : outcomes) {
    total.error += outcome.error;
    total.output += outcome.output;
    total.damping = std::max(total.damping, outcome.damping);
  }
  solution.report.damping = total.damping;
  if (options.report_error)
    solution.report.relative_error = total.output > 0 ? total.error / total.output : 0.0;
  return solution;
}

} // namespace

Fast::Fast(Options options) : options_(options) {
  if (options.mask_block < 0) {
    throw InvalidArgument(message("Fast: mask_block ", options.mask_block,
                                  " is negative; 0 means the layer's kernel elements"));
  }
  check_damping("Fast", options.damping);
  check_pattern("Fast", options.pattern);
  if (options.pattern.block > 1) {
    throw InvalidArgument(
        message("Fast: blocks of ", options.pattern.block, " columns; only Exact removes blocks"));
  }
  if (options.reference && options.pattern.of > 0) {
    throw InvalidArgument(
        "Fast: reference is the published rule for any number of zeros; leave it off with N:M");
  }
}

LayerSolution Fast::prune(const LayerProblem& problem, double sparsity) const {
  const auto start = std::chrono::steady_clock::now();
  const auto extents = check_weight("Fast", problem, sparsity);
  check_gram("Fast", problem, extents);
  if (sparsity == 0.0 || sparsity == 1.0) return all_or_nothing(problem, sparsity);
  check_pattern_sparsity("Fast", options_.pattern, problem.name, sparsity);
  if (options_.pattern.of > 0)
    check_pattern("Fast", options_.pattern, problem.name, extents.columns, problem.columns_per_channel);
  const std::int64_t block =
      std::max<std::int64_t>(1, options_.mask_block > 0 ? options_.mask_block : problem.columns_per_channel);
  const auto plan = options_.pattern.of > 0 ? plan_pattern(problem, extents, options_.pattern)
                    : options_.reference    ? plan_reference(problem, extents, sparsity, block)
                                            : plan_exact(problem, extents, sparsity, block);
  auto solution = problem.weight.scalar_type() == ScalarType::Float64
                      ? prune_layer<double, double>(options_, problem, extents, plan)
                  : options_.in_double ? prune_layer<double, float>(options_, problem, extents, plan)
                                       : prune_layer<float, float>(options_, problem, extents, plan);
  solution.report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return solution;
}

} // namespace spade::pruners
