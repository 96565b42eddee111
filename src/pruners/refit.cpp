// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "pruners/refit.hpp"
#include "linalg/damped_factor.hpp"

#include <algorithm>
#include <vector>

#include <spade/core/parallel.hpp>
#include <spade/linalg/multiply.hpp>

#include "pruners/nested_solver.hpp"

namespace spade::pruners {

GroupError refit(const TensorView& gram, const linalg::LiveColumns& live, double damping, double scale,
                 const linalg::ConstMatrix<double>& weights, const linalg::Matrix<double>& pruned,
                 const std::string& context) {
  const std::int64_t n = weights.columns;
  const auto h = linalg::damped_matrix(gram, live, damping, scale);
  std::vector<double> moments(static_cast<std::size_t>(weights.rows * n)); // W H'
  linalg::multiply_add<double>(1.0, weights, {h.data(), n, n, n, 1}, {moments.data(), weights.rows, n, n});

  std::vector<GroupError> rows(static_cast<std::size_t>(weights.rows));
  parallel_for(weights.rows, 1, [&](std::int64_t begin, std::int64_t end) {
    NestedSolver solver(h.data(), nullptr, n);
    std::vector<std::int32_t> sequence(static_cast<std::size_t>(n));
    for (std::int64_t r = begin; r < end; ++r) {
      const double* given = weights.data + r * weights.row_stride;
      const double* moment = moments.data() + r * n;
      double* target = pruned.data + r * pruned.row_stride;
      for (std::int64_t c = 0; c < n; ++c)
        sequence[static_cast<std::size_t>(c)] = static_cast<std::int32_t>(c);
      const auto kept =
          std::stable_partition(sequence.begin(), sequence.end(), [&](auto c) { return target[c] == 0.0; });
      const std::int64_t removed[] = {kept - sequence.begin()};
      GroupError& error = rows[static_cast<std::size_t>(r)];
      solver.solve(given, moment, sequence, removed, context, [&](std::size_t, const double* q, double loss) {
        error.loss = loss;
        for (std::int64_t c = 0; c < n; ++c) {
          target[c] = q[c];
          error.output += given[c] * moment[c];
          error.weights += given[c] * given[c];
          error.distance += (given[c] - q[c]) * (given[c] - q[c]);
        }
      });
    }
  });
  GroupError total;
  for (const auto& row : rows) {
    total.loss += row.loss;
    total.distance += row.distance;
    total.output += row.output;
    total.weights += row.weights;
  }
  return total;
}

} // namespace spade::pruners
