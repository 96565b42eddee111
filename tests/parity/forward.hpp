// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "parity/parity.hpp"

namespace spade::parity {

/// Loads a model file and compares with the forward pass of a TorchScript file (itself, or the same network),
/// bit for bit: batches of one and of all samples, gradients on and off, the dense weights and edited ones
/// (against an edited clone). Empty where all agree, else what does not.
[[nodiscard]] std::string compare_with_source(const std::string& path, const std::string& source,
                                              const at::Tensor& batch);

/// Compares the tape's reverse pass without rules with plain autograd, bit for bit. Empty where they agree.
[[nodiscard]] std::string compare_gradients(const std::string& path, const at::Tensor& batch);

/// An entry of method "forward": the stored output to 1e-5, and compare_with_source on the traced,
/// scripted and exported files.
[[nodiscard]] Outcome forward(const Case& parity_case);

} // namespace spade::parity
