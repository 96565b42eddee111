// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/trace.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>

#include <spade/core/error.hpp>

namespace spade {
namespace {

void check_finite(const std::vector<double>& values, const char* whose) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) {
      throw NumericalError(message("fidelity: output ", i, " of the ", whose, " is ", values[i]));
    }
  }
}

/// log(sum(exp(v))) without overflow.
double log_sum_exp(const std::vector<double>& values) {
  const double largest = *std::ranges::max_element(values);
  double sum = 0;
  for (const double value : values)
    sum += std::exp(value - largest);
  return largest + std::log(sum);
}

} // namespace

Fidelity fidelity(std::vector<double> dense, std::vector<double> trace) {
  if (dense.empty() || dense.size() != trace.size()) {
    throw ShapeMismatch(message("fidelity: ", dense.size(), " outputs of the dense network, ", trace.size(),
                                " of the trace"));
  }
  check_finite(dense, "dense network");
  check_finite(trace, "trace");
  Fidelity result;
  const double dense_norm = log_sum_exp(dense);
  const double trace_norm = log_sum_exp(trace);
  double difference = 0;
  double square = 0;
  for (std::size_t i = 0; i < dense.size(); ++i) {
    const double log_ratio = (dense[i] - dense_norm) - (trace[i] - trace_norm);
    result.kl += std::exp(dense[i] - dense_norm) * log_ratio;
    difference += (trace[i] - dense[i]) * (trace[i] - dense[i]);
    square += dense[i] * dense[i];
  }
  result.kl = std::max(result.kl, 0.0); // rounding can leave it a hair under
  result.relative_error = difference == 0 ? 0.0 : std::sqrt(difference / square);
  result.class_kept =
      std::ranges::max_element(dense) - dense.begin() == std::ranges::max_element(trace) - trace.begin();
  result.dense = std::move(dense);
  result.trace = std::move(trace);
  return result;
}

} // namespace spade
