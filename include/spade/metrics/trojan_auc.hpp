// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <spade/interpreters/heat_map.hpp>
#include <spade/metric.hpp>

namespace spade::metrics {

/// How well a saliency map finds the trigger of a trojaned network: roc_auc(heat_map(attribution), mask).
///
/// Only the order of the pixels counts, so maps of different methods can be compared.
///
/// @param attribution [1, C, H, W] or [C, H, W]
/// @param mask        [H, W] (leading extents of 1 are dropped); inside where over 0.5
/// @param reduction   what the interpreter's maps are read with (interpreters::reduction_of)
/// @returns in [0, 1]; 0.5 is chance
/// @throws ShapeMismatch on other shapes, InvalidArgument on an undefined tensor, and as roc_auc and heat_map
/// do Cost: theirs.
/// Source: moakhar2024spade, section 4.1 (table 1).
[[nodiscard]] double trojan_auc(const at::Tensor& attribution, const at::Tensor& mask,
                                interpreters::Reduction reduction = interpreters::Reduction::AbsoluteSum);

/// trojan_auc as a Metric of (attribution, mask).
struct TrojanAuc {
  static constexpr MetricDescription description{.name = "trojan AUC",
                                                 .direction = Direction::HigherIsBetter,
                                                 .lowest = 0,
                                                 .highest = 1,
                                                 .chance = 0.5,
                                                 .assumptions =
                                                     "the network decides by a trigger pasted on the "
                                                     "picture, and by nothing else; the mask is where the "
                                                     "trigger is; the explained class is the trigger's"};

  /// As trojan_auc.
  [[nodiscard]] double operator()(const at::Tensor& attribution, const at::Tensor& mask) const {
    return trojan_auc(attribution, mask, reduction);
  }

  interpreters::Reduction reduction = interpreters::Reduction::AbsoluteSum;
};

} // namespace spade::metrics
