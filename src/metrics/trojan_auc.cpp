// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/metrics/trojan_auc.hpp>

#include <ATen/ATen.h>

#include <spade/core/error.hpp>
#include <spade/metrics/roc_auc.hpp>

namespace spade::metrics {

double trojan_auc(const at::Tensor& attribution, const at::Tensor& mask, interpreters::Reduction reduction) {
  if (!attribution.defined() || !mask.defined()) {
    throw InvalidArgument(message("trojan_auc: the ", attribution.defined() ? "mask" : "attribution",
                                  " is an undefined tensor"));
  }
  const bool batched = attribution.dim() == 4 && attribution.size(0) == 1;
  if (!batched && attribution.dim() != 3) {
    throw ShapeMismatch(message("trojan_auc: the attribution is ", attribution.sizes(),
                                "; give one picture's, [1, C, H, W]"));
  }
  const auto map = interpreters::heat_map(batched ? attribution : attribution.unsqueeze(0), reduction)[0];
  auto plane = mask;
  while (plane.dim() > 2 && plane.size(0) == 1)
    plane = plane[0];
  if (plane.sizes() != map.sizes()) {
    throw ShapeMismatch(
        message("trojan_auc: the mask is ", mask.sizes(), ", the attribution's pixels are ", map.sizes()));
  }
  return roc_auc(map, plane);
}

} // namespace spade::metrics
