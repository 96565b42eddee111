// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Scores against scikit-learn's.
#include <algorithm>
#include <cmath>

#include <ATen/ATen.h>

#include <spade/core/error.hpp>
#include <spade/metrics/roc_auc.hpp>

#include "parity/families.hpp"

namespace spade::parity {

Outcome metric(const Case& parity_case) {
  const auto tensors = read_container(parity_case.folder, parity_case.entry);
  if (!tensors.contains("auc")) return skipped("no score of this library's");
  const auto& saliency = tensors.at("saliency");
  const auto& mask = tensors.at("mask");
  const auto expected = tensors.at("auc").to(at::kDouble);
  double worst = 0;
  for (std::int64_t i = 0; i < expected.size(0); ++i) {
    worst = std::max(worst, std::abs(metrics::roc_auc(saliency[i], mask[i]) - expected[i].item<double>()));
  }
  const auto detail = message("largest difference ", worst, " over ", expected.size(0), " maps (limit 1e-6)");
  return worst < 1e-6 ? passed(detail) : failed(detail);
}

} // namespace spade::parity
