// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <string>

#include <spade/core/target.hpp>

namespace spade {

/// Explains one output of a network by the parts of its input.
///
/// Semantics: `attribute(graph, input, target)` is [N, ...] like the input (methods of coarser resolution say
/// so); it never learns whether the graph is dense or sparse, changes neither graph nor input, and gives the
/// same bits every time. Which graphs an interpreter takes (any TraceableGraph, a DifferentiableGraph, an
/// OperatorGraph) is part of its signature. `name()` is for reports. Models: everything in interpreters/.
template <class I, class G>
concept Interpreter = std::copyable<I> &&
    requires(const I& interpreter, const G& graph, const typename G::Tensor& input, const Target& target) {
  { interpreter.attribute(graph, input, target) } -> std::convertible_to<typename G::Tensor>;
  { interpreter.name() } -> std::convertible_to<std::string>;
};

} // namespace spade
