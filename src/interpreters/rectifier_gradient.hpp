// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <ATen/core/Tensor.h>

#include <spade/core/target.hpp>
#include <spade/graph/tape.hpp>
#include <spade/layer_graph.hpp>

namespace spade::interpreters {

/// The gradient of the target class's output, with another rule at every rectifier (ReLU, ReLU6).
/// @throws UnsupportedOperator where the gradient passes an activation that is no rectifier
at::Tensor rectifier_gradient(const std::string& method, const LayerGraph& graph, const at::Tensor& input,
                              const Target& target, const graph::Rule& rule);

} // namespace spade::interpreters
