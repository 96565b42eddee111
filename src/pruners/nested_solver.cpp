// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "pruners/nested_solver.hpp"

#include <algorithm>
#include <numeric>

#include "linalg/dot.hpp"
#include "pruners/chosen_factor.hpp"

namespace spade::pruners {

using linalg::dot;

bool inverse_pays(std::int64_t n, std::span<const std::int64_t> removed) {
  const auto cube = [n](std::int64_t part) {
    const double share = static_cast<double>(part) / static_cast<double>(n);
    return share * share * share;
  };
  double saved = 0;
  for (const auto t : removed)
    saved += std::max(0.0, cube(n - t) - cube(t));
  return saved > 1.0;
}

// factor_ = Cholesky factor of source[chosen, chosen].
void NestedSolver::factor(const double* source, std::int64_t size, const std::string& context) {
  factor_.resize(static_cast<std::size_t>(size * size));
  factor_chosen(source, n_, chosen_, factor_.data(), context);
}

// forward_ <- L^-1 forward_
void NestedSolver::substitute_forward(std::int64_t size) {
  for (std::int64_t i = 0; i < size; ++i) {
    const double* row = factor_.data() + i * size;
    double& x = forward_[static_cast<std::size_t>(i)];
    x = (x - dot(i, row, forward_.data())) / row[i];
  }
}

// back_ <- (L_tt)^-T back_ for the leading t = back_.size() rows of L, [size, size]
void NestedSolver::substitute_back(std::int64_t size) {
  for (auto i = static_cast<std::int64_t>(back_.size()); i-- > 0;) {
    const double* row = factor_.data() + i * size;
    const double x = back_[static_cast<std::size_t>(i)] / row[i];
    back_[static_cast<std::size_t>(i)] = x;
    for (std::int64_t j = 0; j < i; ++j)
      back_[static_cast<std::size_t>(j)] -= row[j] * x;
  }
}

void NestedSolver::solve(const double* weights, const double* moments, std::span<const std::int32_t> sequence,
                         std::span<const std::int64_t> removed, const std::string& context,
                         const Receiver& receive) {
  const auto by_removed = static_cast<std::size_t>(
      inverse_ == nullptr ? 0 : std::count_if(removed.begin(), removed.end(), [&](auto t) {
        return t < n_ - t;
      }));
  result_.resize(static_cast<std::size_t>(n_));
  if (by_removed > 0) {
    const std::int64_t most = removed[by_removed - 1];
    chosen_.assign(sequence.begin(), sequence.begin() + most);
    factor(inverse_, most, context);
    forward_.resize(static_cast<std::size_t>(most));
    for (std::size_t i = 0; i < forward_.size(); ++i)
      forward_[i] = weights[chosen_[i]];
    substitute_forward(most);
    for (std::size_t s = 0; s < by_removed; ++s) {
      const std::int64_t t = removed[s];
      back_.assign(forward_.begin(), forward_.begin() + t);
      substitute_back(most);
      std::copy_n(weights, n_, result_.begin());
      for (std::int64_t i = 0; i < t; ++i) {
        const double* column = inverse_ + chosen_[static_cast<std::size_t>(i)] * n_;
        const double x = back_[static_cast<std::size_t>(i)];
        for (std::int64_t j = 0; j < n_; ++j)
          result_[static_cast<std::size_t>(j)] -= x * column[j];
      }
      for (std::int64_t i = 0; i < t; ++i)
        result_[static_cast<std::size_t>(chosen_[static_cast<std::size_t>(i)])] = 0.0;
      receive(s, result_.data(), dot(t, forward_.data(), forward_.data()));
    }
  }
  if (by_removed == removed.size()) return;
  const std::int64_t most = n_ - removed[by_removed];
  chosen_.assign(sequence.rbegin(), sequence.rbegin() + most);
  factor(matrix_, most, context);
  forward_.resize(static_cast<std::size_t>(most));
  for (std::size_t i = 0; i < forward_.size(); ++i)
    forward_[i] = moments[chosen_[i]];
  substitute_forward(most);
  const double output = dot(n_, weights, moments);
  for (std::size_t s = by_removed; s < removed.size(); ++s) {
    const std::int64_t k = n_ - removed[s];
    back_.assign(forward_.begin(), forward_.begin() + k);
    substitute_back(most);
    std::fill(result_.begin(), result_.end(), 0.0);
    for (std::int64_t i = 0; i < k; ++i)
      result_[static_cast<std::size_t>(chosen_[static_cast<std::size_t>(i)])] =
          back_[static_cast<std::size_t>(i)];
    // At the optimum, what the kept weights explain is the squared length of L^-1 b.
    receive(s, result_.data(), std::max(0.0, output - dot(k, forward_.data(), forward_.data())));
  }
}

} // namespace spade::pruners
