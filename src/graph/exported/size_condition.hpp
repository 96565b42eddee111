// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

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

} // namespace spade::graph::exported
