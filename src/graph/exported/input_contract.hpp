// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "document.hpp"
#include "size_condition.hpp"

namespace spade::graph::exported {

/// Which inputs an exported graph was made for: each dimension is fixed, a symbol with a range, or derived from
/// symbols, and there may be conditions on all of them.
class InputContract {
public:
  /// @throws UnsupportedOperator where a size or a condition is not understood
  InputContract(std::string name, TensorMeta meta, std::map<std::string, Range> ranges,
                const std::vector<std::string>& conditions);

  /// The sizes of the symbols for an input.
  /// @throws ShapeMismatch where the graph was not made for it; the text says how to export for others
  [[nodiscard]] SymbolSizes check(const at::Tensor& input) const;
  /// @throws InvalidArgument where the type is another
  void check_type(const at::Tensor& input) const;

  /// Whether an input that is taken may have that many samples instead.
  [[nodiscard]] bool takes_batch(const at::Tensor& input, std::int64_t samples) const;

  /// "[batch 1 to 64, 3, 16, 16]"
  [[nodiscard]] std::string text() const;

private:
  /// A dimension whose size is an expression: of symbols that are known by then, or of one that it tells.
  struct Derived {
    std::size_t dimension;
    SizeExpression size;
    bool tells;
  };
  void order_derived();

  /// Why sizes of the right number do not fit; empty where they do, and the symbols are known.
  [[nodiscard]] std::string mismatch(c10::IntArrayRef sizes, SymbolSizes& symbols) const;
  [[nodiscard]] std::string mismatch(const Derived& derived, std::int64_t size, SymbolSizes& symbols) const;
  [[nodiscard]] bool fits(const std::string& symbol, std::int64_t size) const;
  /// "1 to 64"
  [[nodiscard]] std::string range(const std::string& symbol) const;
  /// The first condition that does not hold; null where all do.
  [[nodiscard]] const SizeCondition* broken(c10::IntArrayRef sizes) const;

  std::string name_;
  TensorMeta meta_;
  std::map<std::string, Range> ranges_;
  std::vector<Derived> derived_; ///< in an order in which they can be checked
  std::vector<SizeCondition> conditions_;
};

/// Compares a tensor with what the exporter knew of it. Extents that are no plain number or symbol are passed
/// over.
/// @return empty, or what is different
[[nodiscard]] std::string differs(const TensorMeta& meta, const at::Tensor& tensor,
                                  const SymbolSizes& symbols);

} // namespace spade::graph::exported
