// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// What a model file could do besides computing with its tensors. A model is not trusted: none of it is run.
#pragma once

#include <string_view>

namespace spade::graph {

/// An operator, or all operators of a namespace, whose effect goes beyond its operands.
struct OutsideEffect {
  enum class Reach {
    Program, ///< the program that runs it: refused where the network gets there
    Machine  ///< files, other processes, memory of others: refused wherever it stands in a file
  };

  std::string_view name; ///< "aten::save"; "c10d::" for a whole namespace; "print" for a word of TorchScript
  std::string_view what; ///< what it does, to follow its name in a message
  Reach reach;
};

/// The effect of an operator; null for what computes with tensors.
/// @param op  with its namespace and without its overload: "aten::save"
[[nodiscard]] const OutsideEffect* outside_effect(std::string_view op);

/// The effect that a word in a program's text may stand for ("save" in torch.save, ops.aten.save and x.save);
/// null for all other words.
[[nodiscard]] const OutsideEffect* outside_effect_named(std::string_view word);

} // namespace spade::graph
