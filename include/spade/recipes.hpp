// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <span>
#include <utility>

#include <spade/augmenters/reference.hpp>
#include <spade/layer.hpp>
#include <spade/pruners/fast.hpp>
#include <spade/sparse_trace.hpp>
#include <spade/sparsity_plan.hpp>

/// Compositions and plans by name. Each is what a few lines of one's own would say as well.
namespace spade::recipes {

/// The fast variant of SPADE: the SparseGPT sweep on augmented copies of a picture (moakhar2024spade). Cost:
/// see SparseTrace, pruners::Fast and docs/performance.md.
template <class I> using FastSpade = SparseTrace<pruners::Fast, augmenters::Reference, I>;

/// FastSpade with any interpreter. @throws InvalidArgument as augmenters::reference and SparseTrace
template <class I>
[[nodiscard]] FastSpade<I> fast_spade(I interpreter, SparsityPlan plan,
                                      const augmenters::AugmentationOptions& copies = {},
                                      TraceOptions options = {}) {
  return {pruners::Fast{}, augmenters::reference(copies), std::move(interpreter), std::move(plan),
          std::move(options)};
}

/// A plan for ResNets with torchvision's layer names: early layers, which every decision needs, keep more.
/// The values are our own; docs/results.md has what they bring.
[[nodiscard]] inline SparsityPlan resnet() {
  return SparsityPlan::uniform(0.95)
      .dense("conv1")
      .layer("layer1.*", 0.5)
      .layer("layer2.*", 0.8)
      .layer("layer3.*", 0.9);
}

/// A plan for networks of depthwise-separable convolutions (MobileNet), by the quarters of their order. They
/// have little to spare: at 95 % in the last third, the class is seldom kept.
[[nodiscard]] inline SparsityPlan depthwise_separable() {
  return SparsityPlan::by_depth({0.3, 0.5, 0.6, 0.8}).depthwise(0).dense_first();
}

/// A plan for a network of which nothing is known but its layers, for pruners that refit: by the quarters of
/// their order, 50, 80, 90 and 95 %; with depthwise convolutions among them 40, 60, 75 and 85 %, and those
/// 30 %. The first layer stays dense.
///
/// Chosen by what it does for the maps of two networks while the class is kept (docs/results.md).
[[nodiscard]] inline SparsityPlan for_network(std::span<const Layer> layers) {
  if (std::ranges::any_of(layers, [](const Layer& layer) { return layer.depthwise(); }))
    return SparsityPlan::by_depth({0.4, 0.6, 0.75, 0.85}).depthwise(0.3).dense_first();
  return SparsityPlan::by_depth({0.5, 0.8, 0.9, 0.95}).dense_first();
}

} // namespace spade::recipes
