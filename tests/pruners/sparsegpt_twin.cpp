// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "pruners/sparsegpt_twin.hpp"

#include <algorithm>
#include <vector>

namespace spade::tests {

Dense sparsegpt_twin(const Dense& weight, const Dense& gram, double damping, std::int64_t mask_block,
                     const TwinCount& count) {
  Dense w = weight;
  Dense h = gram;
  const Eigen::Index columns = h.rows();
  for (Eigen::Index c = 0; c < columns; ++c) {
    if (h(c, c) != 0.0) continue;
    h(c, c) = 1.0;
    w.col(c).setZero();
  }
  h.diagonal().array() += damping * h.diagonal().mean();
  // H^-1 = U^T U with U upper: the rows of U are those of the inverse after the columns before were
  // eliminated.
  const Dense inverse = h.inverse();
  const Dense u = Eigen::LLT<Dense>(inverse).matrixU();
  Dense mask = Dense::Zero(w.rows(), columns);
  for (Eigen::Index i = 0; i < columns; ++i) {
    if (i % mask_block == 0) {
      const Eigen::Index width = std::min<Eigen::Index>(mask_block, columns - i);
      std::vector<double> costs;
      std::vector<double> sorted;
      // Column after column: the order in which equals go.
      for (Eigen::Index j = i; j < i + width; ++j) {
        for (Eigen::Index r = 0; r < w.rows(); ++r)
          costs.push_back(w(r, j) * w(r, j) / (u(j, j) * u(j, j)));
      }
      sorted = costs;
      std::sort(sorted.begin(), sorted.end());
      const auto total = static_cast<std::int64_t>(costs.size());
      const auto rank = static_cast<std::int64_t>(static_cast<double>(total) * count.sparsity);
      const double threshold = count.published ? sorted[static_cast<std::size_t>(std::min(rank, total - 1))]
                               : count.exact == 0 ? -1.0
                                                  : sorted[static_cast<std::size_t>(count.exact - 1)];
      std::int64_t left = count.published ? total : count.exact;
      for (std::size_t k = 0; k < costs.size(); ++k) {
        const bool gone = costs[k] <= threshold && left-- > 0;
        mask(static_cast<Eigen::Index>(k) % w.rows(), i + static_cast<Eigen::Index>(k) / w.rows()) =
            gone ? 1.0 : 0.0;
      }
    }
    for (Eigen::Index r = 0; r < w.rows(); ++r) {
      const double error = mask(r, i) != 0.0 ? w(r, i) / u(i, i) : 0.0;
      for (Eigen::Index j = i; j < columns; ++j)
        w(r, j) -= error * u(i, j);
      if (mask(r, i) != 0.0) w(r, i) = 0.0;
    }
  }
  return w;
}

Dense least_squares_twin(const Dense& weight, const Dense& gram, double damping, const Dense& pruned) {
  Dense h = gram;
  h.diagonal().array() += damping * gram.diagonal().mean();
  Dense result = Dense::Zero(weight.rows(), weight.cols());
  for (Eigen::Index r = 0; r < weight.rows(); ++r) {
    std::vector<Eigen::Index> kept;
    for (Eigen::Index c = 0; c < weight.cols(); ++c) {
      if (pruned(r, c) != 0.0) kept.push_back(c);
    }
    if (kept.empty()) continue;
    const Dense corner = h(kept, kept);
    const Eigen::VectorXd moments = (h * weight.row(r).transpose())(kept);
    const Eigen::VectorXd solution = corner.fullPivLu().solve(moments);
    for (std::size_t k = 0; k < kept.size(); ++k)
      result(r, kept[k]) = solution(static_cast<Eigen::Index>(k));
  }
  return result;
}

} // namespace spade::tests
