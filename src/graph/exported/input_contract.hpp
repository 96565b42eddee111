// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include <ATen/core/Tensor.h>

#include "document.hpp"

namespace spade::graph::exported {

/// The sizes that a run gives the symbols of the graph.
using SymbolSizes = std::map<std::string, std::int64_t>;

/// Which inputs an exported graph was made for: each dimension is fixed, or a symbol with a range.
class InputContract {
public:
  InputContract(std::string name, TensorMeta meta, std::map<std::string, Range> ranges);

  /// The sizes of the symbols for an input.
  /// @throws ShapeMismatch where the graph was not made for it; the text says how to export for others
  [[nodiscard]] SymbolSizes check(const at::Tensor& input) const;
  /// @throws InvalidArgument where the type is another
  void check_type(const at::Tensor& input) const;

  /// Whether batches of that many samples are taken.
  [[nodiscard]] bool takes_batch(std::int64_t samples) const;

  /// "[batch 1 to 64, 3, 16, 16]"
  [[nodiscard]] std::string text() const;

private:
  [[nodiscard]] bool fits(const Extent& extent, std::int64_t size) const;

  std::string name_;
  TensorMeta meta_;
  std::map<std::string, Range> ranges_;
};

/// Compares a tensor with what the exporter knew of it. Extents that are no plain number or symbol are passed
/// over.
/// @return empty, or what is different
[[nodiscard]] std::string differs(const TensorMeta& meta, const at::Tensor& tensor,
                                  const SymbolSizes& symbols);

} // namespace spade::graph::exported
