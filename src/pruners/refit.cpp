// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "pruners/refit.hpp"

#include <algorithm>
#include <vector>

#include <spade/core/error.hpp>
#include <spade/core/parallel.hpp>
#include <spade/linalg/cholesky.hpp>
#include <spade/linalg/multiply.hpp>

namespace spade::pruners {
namespace {

// The whole of H' = scale (H + damping mean I) over the live columns, in double.
std::vector<double> damped(const TensorView& gram, const LiveColumns& live, double damping, double scale) {
  const auto n = static_cast<std::int64_t>(live.index.size());
  std::vector<double> result(static_cast<std::size_t>(n * n));
  const auto gather = [&](const auto* h) {
    parallel_for(n, 256, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        const auto* row = h + live.index[static_cast<std::size_t>(i)] * gram.strides()[0];
        double* out = result.data() + i * n;
        for (std::int64_t j = 0; j < n; ++j) {
          out[j] =
              scale * static_cast<double>(row[live.index[static_cast<std::size_t>(j)] * gram.strides()[1]]);
        }
        out[i] += scale * damping * live.mean;
      }
    });
  };
  if (gram.scalar_type() == ScalarType::Float32) {
    gather(gram.data<float>());
  } else {
    gather(gram.data<double>());
  }
  return result;
}

} // namespace

GroupError refit(const TensorView& gram, const LiveColumns& live, double damping, double scale,
                 const linalg::ConstMatrix<double>& weights, const linalg::Matrix<double>& pruned,
                 const std::string& context) {
  const std::int64_t n = weights.columns;
  const auto h = damped(gram, live, damping, scale);
  std::vector<double> moments(static_cast<std::size_t>(weights.rows * n)); // W H'
  linalg::multiply_add<double>(1.0, weights, {h.data(), n, n, n, 1}, {moments.data(), weights.rows, n, n});

  std::vector<GroupError> rows(static_cast<std::size_t>(weights.rows));
  parallel_for(weights.rows, 1, [&](std::int64_t begin, std::int64_t end) {
    std::vector<std::int64_t> support;
    std::vector<double> matrix;
    std::vector<double> solution;
    for (std::int64_t r = begin; r < end; ++r) {
      const double* given = weights.data + r * weights.row_stride;
      const double* moment = moments.data() + r * n;
      double* target = pruned.data + r * pruned.row_stride;
      support.clear();
      for (std::int64_t c = 0; c < n; ++c) {
        if (target[c] != 0.0) support.push_back(c);
      }
      const auto k = static_cast<std::int64_t>(support.size());
      matrix.resize(static_cast<std::size_t>(k * k));
      solution.resize(static_cast<std::size_t>(k));
      for (std::int64_t i = 0; i < k; ++i) {
        const double* row = h.data() + support[static_cast<std::size_t>(i)] * n;
        for (std::int64_t j = 0; j <= i; ++j) {
          matrix[static_cast<std::size_t>(i * k + j)] = row[support[static_cast<std::size_t>(j)]];
        }
        solution[static_cast<std::size_t>(i)] = moment[support[static_cast<std::size_t>(i)]];
      }
      const linalg::Matrix<double> view{matrix.data(), k, k, k};
      if (linalg::factor_cholesky<double>(view) != k) {
        throw NumericalError(message(context, ", is not positive definite on the ", k,
                                     " kept columns of row ", r, "; give more damping than ", damping));
      }
      linalg::solve_cholesky<double>(view, solution.data());

      // At the optimum Q H' Q^T = Q H' W^T, so the loss is what of W H' W^T the kept weights do not explain.
      GroupError& error = rows[static_cast<std::size_t>(r)];
      for (std::int64_t i = 0; i < k; ++i) {
        const auto c = support[static_cast<std::size_t>(i)];
        target[c] = solution[static_cast<std::size_t>(i)];
        error.loss -= target[c] * moment[c];
      }
      for (std::int64_t c = 0; c < n; ++c) {
        error.output += given[c] * moment[c];
        error.weights += given[c] * given[c];
        error.distance += (given[c] - target[c]) * (given[c] - target[c]);
      }
      error.loss += error.output;
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
