// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/interpreters/guided_backprop.hpp>

#include <ATen/ATen.h>

#include "rectifier_gradient.hpp"

namespace spade::interpreters {

at::Tensor GuidedBackprop::attribute(const LayerGraph& graph, const at::Tensor& input,
                                     const Target& target) const {
  return rectifier_gradient(name(), graph, input, target,
                            [](const graph::NodeContext& context, const std::vector<at::Tensor>& incoming) {
                              return std::vector<at::Tensor>{context.vjp(incoming).front().clamp_min(0)};
                            });
}

} // namespace spade::interpreters
