// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace spade::interpreters {

/// Points in [0, 1] and weights with sum 1: the integral of g over [0, 1] is about sum_k weights[k]
/// g(points[k]).
struct Quadrature {
  std::vector<double> points;
  std::vector<double> weights;

  /// Gauss and Legendre's rule: exact for polynomials up to degree 2 count - 1. Points by Newton's method on
  /// the Legendre polynomial. Source: abramowitz1964handbook, 25.4.29, moved from [-1, 1] to [0, 1].
  /// @throws InvalidArgument where count < 1
  /// Cost: O(count^2).
  [[nodiscard]] static Quadrature gauss_legendre(std::int64_t count);

  /// The midpoints of count equal parts: exact for straight lines. O(count).
  /// @throws InvalidArgument where count < 1
  [[nodiscard]] static Quadrature midpoint(std::int64_t count);
};

} // namespace spade::interpreters
