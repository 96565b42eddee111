// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>

#include <ATen/core/Tensor.h>

#include <spade/traceable_graph.hpp>

namespace spade {

/// A traceable graph on LibTorch's tensors, whose forward pass autograd can differentiate.
///
/// Semantics: under an enabled gradient mode, `forward(input)` of an input that requires gradients is
/// connected to it; forward passes of a batch treat its samples independently. Models: LayerGraph.
template <class G>
concept DifferentiableGraph = TraceableGraph<G> && std::same_as<typename G::Tensor, at::Tensor>;

} // namespace spade
