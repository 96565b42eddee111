// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include <ATen/core/function_schema.h>

#include <spade/graph/node.hpp>

namespace spade::graph::exported {

/// An operator that a node of an exported graph names.
struct Operator {
  std::string name;                          ///< "aten::conv2d", or "_operator.mul"
  std::optional<c10::FunctionSchema> schema; ///< none: arithmetic on sizes
  Node::Run run;
};

/// The operator of a target: "torch.ops.aten.conv2d.default" of LibTorch's dispatcher, or "_operator.mul" and
/// the like, which compute with sizes as Python does.
///
/// What an older LibTorch does not have yet is put together from what it has (substitutes.hpp).
/// @throws UnsupportedOperator where there is none
[[nodiscard]] Operator find_operator(const std::string& target);

/// Arithmetic on numbers: "_operator.floordiv", "math.trunc", "torch.sym_max". An empty function where the
/// target is none.
[[nodiscard]] Node::Run find_arithmetic(const std::string& target);

} // namespace spade::graph::exported
