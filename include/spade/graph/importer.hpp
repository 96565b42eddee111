// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <ATen/core/Tensor.h>

#include <spade/layer_graph.hpp>

namespace spade {

/// Reads a model file and makes its operator graph, on the CPU.
///
/// The format is found by content. The network is put into evaluation mode, lowered with the example, and
/// checked against the source's own forward pass on the example and on another batch size, bit for bit,
/// before it is returned.
///
/// @param path     a TorchScript file (torch::jit::save; traced or scripted)
/// @param example  an input the network accepts, [N, ...]; only its shape and type matter
/// @throws InvalidArgument where the example has no samples
/// @throws FileError where the file is missing, truncated, or no model
/// @throws ShapeMismatch where the network does not take the example (the text names the node and the shapes)
/// @throws UnsupportedOperator where the model does something that cannot be lowered (the text names node and
/// module)
/// @throws NumericalError where a parameter is not finite
/// Cost: about nine forward passes of one sample, six of them in the check.
[[nodiscard]] LayerGraph load_graph(const std::string& path, const at::Tensor& example);

} // namespace spade
