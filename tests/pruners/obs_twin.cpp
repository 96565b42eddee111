// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "pruners/obs_twin.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

namespace spade::tests {

ObsTwin obs_twin(const Eigen::RowVectorXd& weight, const Dense& gram,
                 const std::vector<std::vector<Eigen::Index>>& units, std::int64_t zeros, std::int64_t of) {
  ObsTwin twin;
  Eigen::RowVectorXd w = weight;
  Dense inverse = gram.inverse();
  std::vector<bool> gone(units.size());
  std::vector<std::int64_t> taken(units.size());
  const std::size_t steps =
      of == 0 ? units.size() : units.size() / static_cast<std::size_t>(of) * static_cast<std::size_t>(zeros);
  twin.trace.push_back(w);
  for (std::size_t step = 0; step < steps; ++step) {
    double least = std::numeric_limits<double>::infinity();
    std::size_t chosen = 0;
    for (std::size_t u = 0; u < units.size(); ++u) {
      if (gone[u]) continue;
      if (of > 0 && taken[u / static_cast<std::size_t>(of)] >= zeros) continue;
      const Eigen::VectorXd part = w(units[u]);
      const Dense corner = inverse(units[u], units[u]);
      const double loss = 0.5 * part.dot(corner.llt().solve(part));
      if (loss < least) {
        least = loss;
        chosen = u;
      }
    }
    const auto& unit = units[chosen];
    const Dense corner = inverse(unit, unit).inverse();
    const Dense rows = inverse(unit, Eigen::all);
    w -= (w(unit) * corner * rows).eval();
    inverse -= (rows.transpose() * corner * rows).eval();
    gone[chosen] = true;
    if (of > 0) ++taken[chosen / static_cast<std::size_t>(of)];
    for (std::size_t u = 0; u < units.size(); ++u) {
      if (gone[u]) w(units[u]).setZero();
    }
    twin.order.push_back(static_cast<std::int64_t>(chosen));
    twin.losses.push_back(least);
    twin.trace.push_back(w);
  }
  return twin;
}

std::vector<std::vector<Eigen::Index>> single_columns(std::int64_t columns) {
  std::vector<std::vector<Eigen::Index>> units;
  for (Eigen::Index c = 0; c < columns; ++c)
    units.push_back({c});
  return units;
}

std::vector<std::int64_t> count_rule(const std::vector<ObsTwin>& rows, std::int64_t count) {
  std::vector<std::pair<double, std::size_t>> losses;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (const double loss : rows[r].losses)
      losses.emplace_back(loss, r);
  }
  std::stable_sort(losses.begin(), losses.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::int64_t> counts(rows.size());
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
    ++counts[losses[i].second];
  return counts;
}

Dense damped(const Dense& gram, double damping) {
  Dense h = gram;
  h.diagonal().array() += damping * gram.diagonal().mean();
  return h;
}

} // namespace spade::tests
