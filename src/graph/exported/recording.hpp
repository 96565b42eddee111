// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include "binding.hpp"
#include "input_contract.hpp"

namespace spade::graph::exported {

/// The graph as it was recorded, one operator after the other, writes in place and all: what the exported
/// program's own forward pass does. Lowered graphs are compared with it.
class Recording {
public:
  /// Borrows both. @param values  of the graph's inputs, but for the network's
  Recording(const Document& document, const std::vector<Instruction>& instructions,
            std::unordered_map<std::string, c10::IValue> values);

  /// Runs on a copy of the input, and compares every tensor's type and shape with what the archive says.
  /// @param name  what the graph calls the input
  /// @return the network's outputs, in order, flat
  /// @throws ShapeMismatch where an operator does not take its operands (the text names it)
  /// @throws UnsupportedOperator where a shape differs from the archive's
  [[nodiscard]] std::vector<c10::IValue> run(const std::string& name, const at::Tensor& input,
                                             const SymbolSizes& symbols) const;

private:
  const Document& document_;
  const std::vector<Instruction>& instructions_;
  std::unordered_map<std::string, c10::IValue> values_;
  std::unordered_map<std::string, std::size_t> last_reads_; ///< by name: the instruction
};

} // namespace spade::graph::exported
