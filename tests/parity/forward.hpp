// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <torch/csrc/jit/api/module.h>

#include <spade/layer_graph.hpp>

#include "parity/parity.hpp"

namespace spade::parity {

/// Whether a TorchScript program calls attention as one operator, which it does only while gradients are off. Such
/// an operator has no derivative, and a graph has the operators that it fuses (docs/models.md).
[[nodiscard]] bool calls_fused_attention(const torch::jit::Module& module);

/// Compares a graph with the forward pass of a TorchScript module (its own, or the same network's), bit for bit:
/// batches of one and of all samples, gradients on and off, the dense weights and edited ones (against an edited
/// clone). With `fused`, 1e-5 of the output (relative) is enough while gradients are off. Empty where all agree,
/// else what does not.
[[nodiscard]] std::string compare_with_source(const LayerGraph& graph, torch::jit::Module source,
                                              const at::Tensor& batch, bool fused = false);

/// Compares the tape's reverse pass without rules with plain autograd, bit for bit. Empty where they agree.
[[nodiscard]] std::string compare_gradients(const LayerGraph& graph, const at::Tensor& batch);

/// An entry of method "forward": the stored output to 1e-5, and compare_with_source on the traced,
/// scripted and exported files.
[[nodiscard]] Outcome forward(const Case& parity_case);

} // namespace spade::parity
