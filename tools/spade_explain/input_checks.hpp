// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include <spade/layer_graph.hpp>

#include "arguments.hpp"
#include "methods.hpp"
#include "picture_list.hpp"

namespace spade::explain_tool {

/// Makes sure that the results can be written, and take the place of nothing that is read.
/// @throws as check_apart and check_writable
void check_results(const Arguments& arguments, const std::vector<PictureEntry>& entries);

/// Makes sure that sparsity is asked of a network that has something to prune.
/// @throws InvalidArgument where it has not, with the reasons
void check_prunable(const Arguments& arguments, const LayerGraph& graph);

/// Makes sure that every interpreter can explain the network, so that no trace is computed in vain.
/// @param input one that the network takes
/// @throws UnsupportedOperator with those that cannot, the operator, and those that can
void check_interpreters(const std::vector<AnyInterpreter>& interpreters, const LayerGraph& graph,
                        const at::Tensor& input, const std::string& model);

} // namespace spade::explain_tool
