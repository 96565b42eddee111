// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// What every importer checks before anybody sees the graph.
#pragma once

#include <string>

#include <ATen/core/Tensor.h>

#include <spade/layer_graph.hpp>

namespace spade::graph {

/// NaN nowhere; infinity in buffers only, where attention masks have it.
/// @throws NumericalError with the tensor's name
void check_finite(const std::string& path, const std::string& name, const at::Tensor& tensor, bool parameter);

/// One sample more than the example has, so that a network that fixed the batch size shows it.
[[nodiscard]] at::Tensor other_batch(const at::Tensor& example);

/// Compares the graph's output with the source's own on one input, bit for bit.
/// @param rewritten  fused operators were taken apart: the same up to rounding is enough
/// @throws UnsupportedOperator where they differ, or the output's first dimension does not count the samples
void check_output(const std::string& path, const LayerGraph& graph, const at::Tensor& input,
                  const at::Tensor& expected, bool rewritten);

} // namespace spade::graph
