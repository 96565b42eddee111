// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace spade::pruners {

/// One row's weights trade places: always the pair, one out and one in, that lowers (w - q) H (w - q)^T most,
/// with q the optimum on what is kept, until none lowers it by more than a part in a thousand.
///
/// With S kept, G = (H_SS)^-1, b = H w and q = G b_S, for each j outside: x_j = G H_Sj, d_j = H_jj - H_jS x_j
/// and y_j = b_j - H_jS q. Taking i out and j in explains
///   (y_j + x_ji q_i / G_ii)^2 / (d_j + x_ji^2 / G_ii) - q_i^2 / G_ii
/// more: what j brings once i is gone, less what i brought. That is the step from one basis to the next in
/// stepwise regression. All in double.
///
/// Cost: 2 n k^2 flops to begin with k of n kept, and about 5 n k comparisons and 6 n k flops a swap. Memory:
/// n k + k^2 doubles.
class RowSwaps {
public:
  /// @param matrix H [n, n], row-major, both triangles, positive definite
  RowSwaps(const double* matrix, std::int64_t n);

  /// @param moments b = H w [n]
  /// @param output  w H w^T
  /// @param kept    S, changed in place: what comes in takes the place of what goes
  /// @param context "ForwardBackward: the Gram matrix of layer 'fc', group 0", for the error
  /// @returns how many pairs have changed places
  /// @throws NumericalError where H is not positive definite on S
  std::int64_t improve(const double* moments, double output, std::vector<std::int32_t>& kept,
                       const std::string& context);

private:
  struct Swap {
    double gain;           ///< how much more is explained
    std::int64_t out = -1; ///< position in S
    std::int64_t in = -1;  ///< variable
  };

  template <class Each> void for_rows_of_kept(const Each& each);
  void start(const double* moments, const std::string& context);
  [[nodiscard]] Swap best(double least) const;
  void apply(const Swap& swap);
  void take_out(std::int64_t slot);
  void take_in(std::int64_t slot, std::int64_t in);
  void without(std::int64_t slot, double weight, std::int64_t j);
  void with(std::int64_t in, std::int64_t j);
  /// d, or what a positive definite matrix cannot be under but for rounding.
  [[nodiscard]] double smallest(double d, std::int64_t j) const;
  [[nodiscard]] double explained(const double* moments) const;
  [[nodiscard]] double* row_of(std::int64_t variable) { return x_.data() + variable * kept_count(); }
  [[nodiscard]] std::int64_t kept_count() const { return static_cast<std::int64_t>(kept_.size()); }

  const double* matrix_;
  std::int64_t n_;
  std::vector<std::int32_t> kept_;
  std::vector<char> inside_;    ///< [n]
  std::vector<double> x_;       ///< [n, k]: x_j in row j, rubbish for j in S
  std::vector<double> inverse_; ///< G [k, k]
  std::vector<double> weights_; ///< q [k]
  std::vector<double> y_;       ///< [n]
  std::vector<double> d_;       ///< [n]
  std::vector<double> removed_; ///< G's column of what goes [k]
  std::vector<double> seen_;    ///< H's row of what comes, at S [k]
};

} // namespace spade::pruners
