// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <torch/csrc/jit/api/module.h>

namespace spade::demo {

/// A small residual network in the manner of a ResNet-18, in training mode, with fresh weights.
///
/// A convolution of 7 x 7 in steps of two and a pooling, which leave 16 x 16 of 64 x 64 pixels; three
/// residual blocks of two convolutions each with 32, 64 and 128 channels on 16 x 16, 8 x 8 and 4 x 4; global
/// pooling; one output per class. 10 convolution and linear layers, 309 000 weights, in single precision.
/// The same seed gives the same weights.
[[nodiscard]] torch::jit::Module residual_network(std::uint64_t seed);

} // namespace spade::demo
