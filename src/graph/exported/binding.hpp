// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "../symbolic/symbol.hpp"
#include "document.hpp"

namespace spade::graph::exported {

/// A node of the graph with its operator, ready to be run or lowered.
struct Instruction {
  enum class Effect {
    Value,    ///< gives new values
    Write,    ///< writes to its first argument
    Condition ///< demands that its first argument is true
  };
  Effect effect = Effect::Value;
  symbolic::Callable callable;
  std::string overload;
  std::vector<Operand> arguments; ///< one for each of the operator's, defaults filled in
  std::vector<Result> outputs;
  std::string module;
};

/// Finds the operators and fits the arguments to their schemas: by name, with defaults for what is absent,
/// and numbers converted where Python would (an int for a float, a number for a tensor, one int for a list).
///
/// Checks that pin what the exporter saw (_assert_tensor_metadata) are left out.
/// @throws UnsupportedOperator where LibTorch has no such operator, or it cannot be run (training mode,
/// writes to other arguments than the first)
/// @throws FileError where the arguments do not fit
[[nodiscard]] std::vector<Instruction> bind(const std::vector<NodeRecord>& nodes);

} // namespace spade::graph::exported
