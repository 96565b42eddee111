// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <ATen/core/Tensor.h>

#include <spade/layer_graph.hpp>

namespace spade {

/// Reads a model file and makes its operator graph, on the CPU.
///
/// The format is found by content: torch.export (torch.export.save of torch 2.6 to 2.13) or TorchScript
/// (torch::jit::save; traced or scripted). The network is lowered with the example, and checked against the
/// source on the example and on another batch size, bit for bit, before it is returned. A TorchScript file's
/// source is its own forward pass, in evaluation mode; a torch.export archive's is its list of operators, run
/// as it was recorded.
///
/// An exported network whose batch is fixed takes that batch only; forward passes check the sizes that it was
/// exported for. Its weights stay mapped to the file: do not overwrite it in place while a graph of it lives.
/// What is read and what is refused: docs/models.md.
///
/// @param path     the model file
/// @param example  an input the network accepts, [N, ...]; only its shape and type matter
/// @throws InvalidArgument where the example has no samples, or not the type that the network was exported
/// for
/// @throws FileError where the file is missing, truncated, damaged, or no model
/// @throws ShapeMismatch where the network does not take the example (the text names the node and the shapes)
/// @throws UnsupportedOperator where the model does something that cannot be lowered (the text names node and
/// module)
/// @throws NumericalError where a parameter is not finite
/// Cost: about nine forward passes of one sample, six of them in the check. Memory: the values of one forward
/// pass; TorchScript's weights are copied once.
[[nodiscard]] LayerGraph load_graph(const std::string& path, const at::Tensor& example);

} // namespace spade
