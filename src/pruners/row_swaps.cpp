// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "pruners/row_swaps.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <spade/linalg/cholesky.hpp>
#include <spade/linalg/solve_rows.hpp>

#include "linalg/dot.hpp"
#include "pruners/chosen_factor.hpp"

namespace spade::pruners {
namespace {

using linalg::dot;

// A swap that gains less of the row's error than this is not worth its time (docs/performance.md).
constexpr double least_gain = 1e-3;

// Under this part of the output an error is rounding.
constexpr double rounding = 1e-12;

void add(std::int64_t count, double factor, const double* from, double* to) {
  for (std::int64_t i = 0; i < count; ++i)
    to[i] += factor * from[i];
}

} // namespace

RowSwaps::RowSwaps(const double* matrix, std::int64_t n)
    : matrix_(matrix), n_(n), inside_(static_cast<std::size_t>(n)), y_(static_cast<std::size_t>(n)),
      d_(static_cast<std::size_t>(n)) {}

// each(H_ij, x_j at i, d_j) for all i in S and all j. H's rows are read in order, eight together: they are
// far apart in memory, and x lies the other way.
template <class Each> void RowSwaps::for_rows_of_kept(const Each& each) {
  constexpr std::int64_t together = 8;
  const std::int64_t k = kept_count();
  for (std::int64_t first = 0; first < k; first += together) {
    const std::int64_t count = std::min(together, k - first);
    const double* rows[together];
    for (std::int64_t i = 0; i < count; ++i)
      rows[i] = matrix_ + kept_[static_cast<std::size_t>(first + i)] * n_;
    for (std::int64_t j = 0; j < n_; ++j) {
      for (std::int64_t i = 0; i < count; ++i)
        each(rows[i][j], x_[static_cast<std::size_t>(j * k + first + i)], d_[static_cast<std::size_t>(j)]);
    }
  }
}

void RowSwaps::start(const double* moments, const std::string& context) {
  const std::int64_t k = kept_count();
  const auto count = static_cast<std::size_t>(k);
  std::vector<double> corner(count * count);
  std::vector<double> moments_inside;
  for (const auto v : kept_)
    moments_inside.push_back(moments[v]);
  x_.resize(static_cast<std::size_t>(n_) * count);
  for_rows_of_kept([](double element, double& x, double&) { x = element; });
  std::fill(inside_.begin(), inside_.end(), char{0});
  for (const auto v : kept_)
    inside_[static_cast<std::size_t>(v)] = 1;
  factor_chosen(matrix_, n_, kept_, corner.data(), context);
  linalg::solve_rows<double>({corner.data(), k, k, k, 1}, {x_.data(), n_, k, k});
  inverse_.resize(count * count);
  linalg::invert_cholesky<double>({corner.data(), k, k, k}, {inverse_.data(), k, k, k});
  weights_.resize(count);
  for (std::int64_t i = 0; i < k; ++i)
    weights_[static_cast<std::size_t>(i)] = dot(k, inverse_.data() + i * k, moments_inside.data());
  seen_.resize(count);
  removed_.resize(count);
  for (std::int64_t j = 0; j < n_; ++j) {
    y_[static_cast<std::size_t>(j)] = moments[j] - dot(k, row_of(j), moments_inside.data());
    d_[static_cast<std::size_t>(j)] = matrix_[j * (n_ + 1)];
  }
  for_rows_of_kept([](double element, double& x, double& d) { d -= element * x; });
  for (std::int64_t j = 0; j < n_; ++j)
    d_[static_cast<std::size_t>(j)] = smallest(d_[static_cast<std::size_t>(j)], j);
}

RowSwaps::Swap RowSwaps::best(double least) const {
  const std::int64_t k = kept_count();
  std::vector<double> loss(weights_.size());    // q_i^2 / G_ii
  std::vector<double> freed(weights_.size());   // q_i / G_ii
  std::vector<double> stretch(weights_.size()); // 1 / G_ii
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    stretch[i] = 1.0 / inverse_[i * (weights_.size() + 1)];
    freed[i] = weights_[i] * stretch[i];
    loss[i] = weights_[i] * freed[i];
  }
  Swap chosen{least};
  for (std::int64_t j = 0; j < n_; ++j) {
    if (inside_[static_cast<std::size_t>(j)] != 0) continue;
    const double* x = x_.data() + j * k;
    const double y = y_[static_cast<std::size_t>(j)];
    const double d = d_[static_cast<std::size_t>(j)];
    // Divisions are slow: most rows have nothing better, which products tell.
    const double gain = chosen.gain;
    int better = 0;
    for (std::int64_t i = 0; i < k; ++i) {
      const auto at = static_cast<std::size_t>(i);
      const double brought = y + x[i] * freed[at];
      better |= brought * brought > (gain + loss[at]) * (d + x[i] * x[i] * stretch[at]) ? 1 : 0;
    }
    if (better == 0) continue;
    for (std::int64_t i = 0; i < k; ++i) {
      const auto at = static_cast<std::size_t>(i);
      const double brought = y + x[i] * freed[at];
      const double total = brought * brought / (d + x[i] * x[i] * stretch[at]) - loss[at];
      if (total > chosen.gain) chosen = {total, i, j};
    }
  }
  return chosen;
}

// What follows for a variable outside S when what lies in `slot` leaves: x_j, y_j and d_j.
void RowSwaps::without(std::int64_t slot, double weight, std::int64_t j) {
  const auto at = static_cast<std::size_t>(j);
  const double own = removed_[static_cast<std::size_t>(slot)];
  double* const x = row_of(j);
  const double share = x[slot] / own;
  y_[at] += share * weight;
  d_[at] += share * x[slot];
  add(kept_count(), -share, removed_.data(), x);
  x[slot] = 0;
}

// And when `in`, whose place in S is `slot`, comes.
void RowSwaps::with(std::int64_t in, std::int64_t j) {
  const auto at = static_cast<std::size_t>(j);
  const auto from = static_cast<std::size_t>(in);
  double* const x = row_of(j);
  const double common = matrix_[in * n_ + j] - dot(kept_count(), x, seen_.data());
  y_[at] -= common * y_[from] / d_[from];
  d_[at] = smallest(d_[at] - common * common / d_[from], j);
  add(kept_count(), -common / d_[from], row_of(in), x);
}

double RowSwaps::smallest(double d, std::int64_t j) const {
  return std::max(d, std::numeric_limits<double>::epsilon() * matrix_[j * n_ + j]);
}

// G and q lose a variable; its place is kept, and zero.
void RowSwaps::take_out(std::int64_t slot) {
  const std::int64_t k = kept_count();
  const auto place = static_cast<std::size_t>(slot);
  const double own = removed_[place];
  for (std::int64_t i = 0; i < k; ++i)
    add(k, -removed_[static_cast<std::size_t>(i)] / own, removed_.data(), inverse_.data() + i * k);
  add(k, -weights_[place] / own, removed_.data(), weights_.data());
  weights_[place] = 0;
}

// G and q get a variable, in a place that is free. Its x has -1 there, so that one formula serves all places.
void RowSwaps::take_in(std::int64_t slot, std::int64_t in) {
  const std::int64_t k = kept_count();
  const double* const x = row_of(in);
  const double d = d_[static_cast<std::size_t>(in)];
  for (std::int64_t i = 0; i < k; ++i) {
    double* const row = inverse_.data() + i * k;
    if (i == slot) std::fill_n(row, k, 0.0);
    row[slot] = 0;
    add(k, x[i] / d, x, row);
  }
  add(k, -y_[static_cast<std::size_t>(in)] / d, x, weights_.data());
}

void RowSwaps::apply(const Swap& swap) {
  const std::int64_t k = kept_count();
  const auto place = static_cast<std::size_t>(swap.out);
  const std::int64_t out = kept_[place];
  const double weight = weights_[place];
  std::copy_n(inverse_.data() + swap.out * k, k, removed_.data());
  take_out(swap.out);
  without(swap.out, weight, swap.in);
  std::transform(kept_.begin(), kept_.end(), seen_.begin(),
                 [row = matrix_ + swap.in * n_](auto v) { return row[v]; });
  seen_[place] = 0;
  row_of(swap.in)[swap.out] = -1;
  // One pass over everything outside.
  inside_[static_cast<std::size_t>(swap.in)] = 1;
  for (std::int64_t j = 0; j < n_; ++j) {
    if (inside_[static_cast<std::size_t>(j)] != 0) continue;
    without(swap.out, weight, j);
    with(swap.in, j);
  }
  inside_[static_cast<std::size_t>(out)] = 0;
  const double own = removed_[place];
  std::transform(removed_.begin(), removed_.end(), row_of(out), [own](double g) { return -g / own; });
  row_of(out)[swap.out] = 0;
  y_[static_cast<std::size_t>(out)] = weight / own;
  d_[static_cast<std::size_t>(out)] = 1.0 / own;
  with(swap.in, out);
  take_in(swap.out, swap.in);
  kept_[place] = static_cast<std::int32_t>(swap.in);
}

double RowSwaps::explained(const double* moments) const {
  double sum = 0;
  for (std::size_t i = 0; i < kept_.size(); ++i)
    sum += weights_[i] * moments[kept_[i]];
  return sum;
}

std::int64_t RowSwaps::improve(const double* moments, double output, std::vector<std::int32_t>& kept,
                               const std::string& context) {
  if (kept.empty() || static_cast<std::int64_t>(kept.size()) == n_) return 0;
  kept_ = kept;
  start(moments, context);
  std::int64_t count = 0;
  while (count < n_) {
    const double error = output - explained(moments);
    const double least = std::max(least_gain * error, rounding * output);
    const auto swap = best(least);
    if (swap.out < 0) break;
    apply(swap);
    ++count;
  }
  kept = kept_;
  return count;
}

} // namespace spade::pruners
