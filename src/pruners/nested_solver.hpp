// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace spade::pruners {

/// Whether rows that lose these many of n variables are worth the inverse, n^3 flops: where those that keep
/// more than half would take n^3 / 3 flops more without it.
///
/// Bounds the factors' memory either way: with the inverse n^2 / 4 doubles a thread, and without it 3/4 n^2
/// more, however many threads there are.
[[nodiscard]] bool inverse_pays(std::int64_t n, std::span<const std::int64_t> removed);

/// The weights of one row that minimise (w - q) H (w - q)^T with q zero outside a support, for several
/// supports each of which holds the next: one factorisation serves all.
///
/// Two ways, and the cheaper is taken: on the kept set S, q_S = (H_SS)^-1 (H w)_S, k^3 / 3 flops; on the
/// removed set P, q = w - G_:P (G_PP)^-1 w_P with G = H^-1, t^3 / 3. All in double.
class NestedSolver {
public:
  /// @param matrix H [n, n], row-major, both triangles @param inverse of it, likewise, or null
  NestedSolver(const double* matrix, const double* inverse, std::int64_t n)
      : matrix_(matrix), inverse_(inverse), n_(n) {}

  /// Receives the solution number `index`: q [n], and (w - q) H (w - q)^T.
  using Receiver = std::function<void(std::size_t index, const double* q, double loss)>;

  /// @param weights  w [n]
  /// @param moments  H w [n]
  /// @param sequence all n variables, what is removed first at the front
  /// @param removed  how many of them each solution goes without, ascending
  /// @param context  "Exact: the Gram matrix of layer 'fc', group 0", for the error
  /// @throws NumericalError where H or G is not positive definite on the set
  void solve(const double* weights, const double* moments, std::span<const std::int32_t> sequence,
             std::span<const std::int64_t> removed, const std::string& context, const Receiver& receive);

private:
  void factor(const double* source, std::int64_t size, const std::string& context);
  void substitute_forward(std::int64_t size);
  void substitute_back(std::int64_t size);

  const double* matrix_;
  const double* inverse_;
  std::int64_t n_;
  std::vector<std::int32_t> chosen_; ///< variables of the factor, in its order
  std::vector<double> factor_;
  std::vector<double> forward_; ///< L^-1 b
  std::vector<double> back_;    ///< L^-T of its beginning
  std::vector<double> result_;
};

} // namespace spade::pruners
