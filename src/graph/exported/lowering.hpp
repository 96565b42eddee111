// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "../symbolic/emitter.hpp"
#include "binding.hpp"

namespace spade::graph::exported {

/// Values of the graph by name.
using Symbols = std::unordered_map<std::string, symbolic::SymbolPtr>;

/// The names that the instructions and the output read.
[[nodiscard]] std::unordered_set<std::string> names_read(const std::vector<Instruction>& instructions,
                                                         const Operand& output);

/// Emits the instructions as nodes of a program, with writes in place made functional (Emitter), and gives
/// the value of `output`, up to date with all writes.
/// @param values  those of the graph's inputs
/// @throws FileError where an instruction reads what no earlier one gives
[[nodiscard]] symbolic::SymbolPtr lower(symbolic::Emitter& emitter,
                                        const std::vector<Instruction>& instructions, Symbols values,
                                        const Operand& output);

} // namespace spade::graph::exported
