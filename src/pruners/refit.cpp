// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "pruners/refit.hpp"

#include <algorithm>
#include <vector>

#include <spade/core/parallel.hpp>
#include <spade/linalg/multiply.hpp>

#include "linalg/damped_factor.hpp"
#include "pruners/nested_solver.hpp"

namespace spade::pruners {
namespace {

// Some rows: W and Q over the live columns, and W H'. Half as many as columns take 1.5 C^2 doubles.
struct Strip {
  Strip(std::int64_t rows, std::int64_t n)
      : weights(static_cast<std::size_t>(rows * n)), pruned(weights.size()), moments(weights.size()) {}

  std::vector<double> weights;
  std::vector<double> pruned;
  std::vector<double> moments;
};

// One row's least squares; its errors in the units of H'.
GroupError refit_row(NestedSolver& solver, const double* given, const double* moment, double* target,
                     std::int64_t n, const std::string& context) {
  std::vector<std::int32_t> sequence;
  for (std::int64_t c = 0; c < n; ++c)
    sequence.push_back(static_cast<std::int32_t>(c));
  const auto kept =
      std::stable_partition(sequence.begin(), sequence.end(), [&](auto c) { return target[c] == 0.0; });
  const std::int64_t removed[] = {kept - sequence.begin()};
  GroupError error;
  solver.solve(given, moment, sequence, removed, context, [&](std::size_t, const double* q, double loss) {
    error.loss = loss;
    for (std::int64_t c = 0; c < n; ++c) {
      target[c] = q[c];
      error.output += given[c] * moment[c];
      error.weights += given[c] * given[c];
      error.distance += (given[c] - q[c]) * (given[c] - q[c]);
    }
  });
  return error;
}

} // namespace

template <class Weight>
bool wants_inverse(const linalg::LiveColumns& live, std::int64_t rows, std::int64_t columns,
                   const Weight* pruned) {
  std::vector<std::int64_t> removed;
  for (std::int64_t r = 0; r < rows; ++r) {
    const Weight* row = pruned + r * columns;
    removed.push_back(std::count_if(live.index.begin(), live.index.end(),
                                    [row](std::int64_t c) { return row[c] == Weight{0}; }));
  }
  return inverse_pays(static_cast<std::int64_t>(live.index.size()), removed);
}

template <class Weight>
GroupError refit(const TensorView& gram, const linalg::LiveColumns& live, double damping, double scale,
                 const double* inverse, const TensorView& weight, Weight* pruned,
                 const std::string& context) {
  const std::int64_t rows = weight.extent(0);
  const std::int64_t columns = weight.extent(1);
  const auto n = static_cast<std::int64_t>(live.index.size());
  const auto h = linalg::damped_matrix(gram, live, damping, scale);
  const std::int64_t most = std::min(std::clamp<std::int64_t>(n / 2, 16, 128), rows);
  Strip strip(most, n);
  std::vector<GroupError> errors(static_cast<std::size_t>(most));
  GroupError total;
  for (std::int64_t first = 0; first < rows; first += most) {
    const std::int64_t count = std::min(most, rows - first);
    const auto for_live = [&](const auto& each) {
      for (std::int64_t r = 0; r < count; ++r) {
        for (std::int64_t v = 0; v < n; ++v)
          each(static_cast<std::size_t>(r * n + v), first + r, live.index[static_cast<std::size_t>(v)]);
      }
    };
    const auto* given = weight.data<Weight>();
    for_live([&](std::size_t at, std::int64_t r, std::int64_t c) {
      strip.weights[at] = static_cast<double>(given[r * weight.strides()[0] + c * weight.strides()[1]]);
      strip.pruned[at] = static_cast<double>(pruned[r * columns + c]);
      strip.moments[at] = 0.0;
    });
    for (const auto v : live.zeroed) {
      for (std::int64_t r = 0; r < count; ++r)
        strip.weights[static_cast<std::size_t>(r * n + v)] = 0.0;
    }
    linalg::multiply_add<double>(1.0, {strip.weights.data(), count, n, n, 1}, {h.data(), n, n, n, 1},
                                 {strip.moments.data(), count, n, n});
    parallel_for(count, 1, [&](std::int64_t begin, std::int64_t end) {
      NestedSolver solver(h.data(), inverse, n);
      for (std::int64_t r = begin; r < end; ++r) {
        errors[static_cast<std::size_t>(r)] =
            refit_row(solver, strip.weights.data() + r * n, strip.moments.data() + r * n,
                      strip.pruned.data() + r * n, n, context);
      }
    });
    for_live([&](std::size_t at, std::int64_t r, std::int64_t c) {
      pruned[r * columns + c] = static_cast<Weight>(strip.pruned[at]);
    });
    for (std::int64_t r = 0; r < count; ++r) {
      const auto& error = errors[static_cast<std::size_t>(r)];
      total.loss += error.loss;
      total.distance += error.distance;
      total.output += error.output;
      total.weights += error.weights;
    }
  }
  return total;
}

template bool wants_inverse<float>(const linalg::LiveColumns&, std::int64_t, std::int64_t, const float*);
template bool wants_inverse<double>(const linalg::LiveColumns&, std::int64_t, std::int64_t, const double*);
template GroupError refit<float>(const TensorView&, const linalg::LiveColumns&, double, double, const double*,
                                 const TensorView&, float*, const std::string&);
template GroupError refit<double>(const TensorView&, const linalg::LiveColumns&, double, double,
                                  const double*, const TensorView&, double*, const std::string&);

} // namespace spade::pruners
