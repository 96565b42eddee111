// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/metrics/roc_auc.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include <ATen/ATen.h>

#include <spade/core/error.hpp>

namespace spade::metrics {
namespace {

std::vector<double> finite_values(const at::Tensor& tensor, const char* what) {
  if (!tensor.defined()) throw InvalidArgument(message("roc_auc: the ", what, " is an undefined tensor"));
  if (tensor.is_complex())
    throw InvalidArgument(message("roc_auc: the ", what, " is complex; give real numbers"));
  const auto flat = tensor.detach().to(at::kCPU, at::kDouble).contiguous();
  std::vector<double> values(flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel());
  const auto bad =
      std::find_if(values.begin(), values.end(), [](double value) { return !std::isfinite(value); });
  if (bad != values.end()) {
    throw NumericalError(message("roc_auc: element ", bad - values.begin(), " of the ", what, " is ", *bad));
  }
  return values;
}

} // namespace

double roc_auc(const at::Tensor& scores, const at::Tensor& mask) {
  const auto score = finite_values(scores, "scores");
  const auto inside = finite_values(mask, "mask");
  if (scores.sizes() != mask.sizes()) {
    throw ShapeMismatch(message("roc_auc: the scores are ", scores.sizes(), ", the mask is ", mask.sizes()));
  }
  const auto count = static_cast<std::int64_t>(score.size());
  const auto positives =
      std::count_if(inside.begin(), inside.end(), [](double value) { return value > 0.5; });
  if (positives == 0 || positives == count) {
    throw InvalidArgument(message("roc_auc: ", positives, " of the mask's ", count,
                                  " elements are inside; the area needs some inside and some outside"));
  }

  std::vector<std::size_t> order(score.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return score[a] < score[b]; });

  // Ranks count from 1; a run of equal scores in places [begin, end) shares rank (begin + 1 + end) / 2.
  double rank_sum = 0;
  for (std::size_t begin = 0; begin < order.size();) {
    auto end = begin;
    std::int64_t inside_run = 0;
    for (; end < order.size() && score[order[end]] == score[order[begin]]; ++end)
      inside_run += inside[order[end]] > 0.5;
    rank_sum += static_cast<double>(inside_run) * static_cast<double>(begin + 1 + end) / 2;
    begin = end;
  }
  const auto p = static_cast<double>(positives);
  return (rank_sum - p * (p + 1) / 2) / (p * (static_cast<double>(count) - p));
}

} // namespace spade::metrics
