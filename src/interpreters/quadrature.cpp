// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/interpreters/quadrature.hpp>

#include <cmath>
#include <numbers>

#include <spade/core/error.hpp>

namespace spade::interpreters {
namespace {

void check_count(std::int64_t count) {
  if (count < 1) throw InvalidArgument(message("Quadrature: ", count, " points; at least one is needed"));
}

struct LegendreValue {
  double value;
  double derivative;
};

/// P_n(x) and P_n'(x) for -1 < x < 1, by the three-term recurrence.
LegendreValue legendre(std::int64_t degree, double x) {
  double previous = 1;
  double current = x;
  for (std::int64_t k = 2; k <= degree; ++k) {
    const auto n = static_cast<double>(k);
    const double next = ((2 * n - 1) * x * current - (n - 1) * previous) / n;
    previous = current;
    current = next;
  }
  return {current, static_cast<double>(degree) * (x * current - previous) / (x * x - 1)};
}

} // namespace

Quadrature Quadrature::gauss_legendre(std::int64_t count) {
  check_count(count);
  Quadrature rule;
  rule.points.resize(static_cast<std::size_t>(count));
  rule.weights.resize(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) {
    // The points are the roots of P_count on [-1, 1]; Newton's method converges from this estimate in a few
    // steps.
    double x =
        -std::cos(std::numbers::pi * (static_cast<double>(i) + 0.75) / (static_cast<double>(count) + 0.5));
    for (int step = 0; step < 20; ++step) {
      const auto p = legendre(count, x);
      const double change = p.value / p.derivative;
      x -= change;
      if (std::abs(change) < 1e-16) break;
    }
    const double slope = legendre(count, x).derivative;
    const auto k = static_cast<std::size_t>(i);
    rule.points[k] = (1 + x) / 2;
    rule.weights[k] = 1 / ((1 - x * x) * slope * slope); // half of the weight on [-1, 1]
  }
  return rule;
}

Quadrature Quadrature::midpoint(std::int64_t count) {
  check_count(count);
  Quadrature rule;
  for (std::int64_t i = 0; i < count; ++i) {
    rule.points.push_back((static_cast<double>(i) + 0.5) / static_cast<double>(count));
    rule.weights.push_back(1 / static_cast<double>(count));
  }
  return rule;
}

} // namespace spade::interpreters
