// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <ATen/core/ivalue.h>
#include <c10/util/ArrayRef.h>

namespace spade::graph::exported {

/// What the exporter found out of the input's sizes and took for granted from there on: where the network's
/// forward pass asks for x.shape[2] % 2 == 0, the graph has one of the two ways, and inputs of the other must
/// not run.
class SizeCondition {
public:
  /// @param text  Python, as torch.export.save writes it: "(L['x'].size()[2] % 2) == 0"
  /// @throws UnsupportedOperator where it is more than comparisons and arithmetic on the input's sizes
  explicit SizeCondition(std::string text);

  [[nodiscard]] bool holds(c10::IntArrayRef sizes) const;
  [[nodiscard]] const std::string& text() const { return text_; }

  /// An expression's value for the input's sizes.
  using Value = std::function<c10::IValue(c10::IntArrayRef sizes)>;

private:
  std::string text_;
  Value value_;
};

/// The sizes that a run gives the symbols of the graph.
using SymbolSizes = std::map<std::string, std::int64_t>;

/// A size that the exporter derived from others: torch.export.Dim("half") * 2.
class SizeExpression {
public:
  /// @param text  as torch.export.save writes it: "Mul(Integer(2), Symbol('s85', positive=True, integer=True))",
  /// or "2*s85"
  /// @throws UnsupportedOperator where it is more than arithmetic on symbols
  explicit SizeExpression(const std::string& text);

  [[nodiscard]] const std::vector<std::string>& symbols() const { return symbols_; }
  /// @param sizes  of all its symbols
  [[nodiscard]] std::int64_t value(const SymbolSizes& sizes) const;

  /// Whether solve can find its symbol: it is `a * symbol + b`, a > 0.
  [[nodiscard]] bool is_linear() const { return line_.has_value(); }
  /// The natural number that its only symbol must be for this size; nothing where there is none.
  [[nodiscard]] std::optional<std::int64_t> solve(std::int64_t size) const;

  /// "2*s85 + 1"
  [[nodiscard]] const std::string& text() const { return text_; }

private:
  struct Line {
    std::int64_t slope;
    std::int64_t begin;
  };
  void find_line();

  std::string text_;
  std::vector<std::string> symbols_;
  SizeCondition::Value value_; // of the symbols' sizes, in their order
  std::optional<Line> line_;
};

} // namespace spade::graph::exported
