// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>

#include <ATen/core/Tensor.h>

namespace spade::graph {

/// Index into Program::parameters.
using ParameterId = std::size_t;

/// Tensors that stand in for some parameters of a network; the rest stay the network's own.
using WeightSet = std::map<ParameterId, at::Tensor>;

} // namespace spade::graph
