// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "pruners/pattern_columns.hpp"

#include <cmath>

#include <spade/core/error.hpp>

namespace spade::pruners {

void check_pattern(const std::string& pruner, const Pattern& pattern) {
  if (pattern.block < 1) {
    throw InvalidArgument(
        message(pruner, ": a block of ", pattern.block, " columns; 1 means single weights"));
  }
  const bool any_number = pattern.zeros == 0 && pattern.of == 0;
  if (!any_number && (pattern.zeros < 1 || pattern.zeros >= pattern.of)) {
    throw InvalidArgument(message(pruner, ": the pattern asks for ", pattern.zeros, " zeros of ", pattern.of,
                                  " weights; there must be at least one zero, and one weight more"));
  }
  if (pattern.of > 0 && pattern.block > 1) {
    throw InvalidArgument(message(pruner, ": blocks of ", pattern.block, " and ", pattern.zeros, ":",
                                  pattern.of, " at once; choose one"));
  }
}

void check_pattern(const std::string& pruner, const Pattern& pattern, const std::string& layer,
                   std::int64_t columns, std::int64_t columns_per_channel) {
  const std::int64_t width = pattern.of > 0 ? pattern.of : pattern.block;
  if (columns % width != 0) {
    throw InvalidArgument(message(pruner, ": stretches of ", width, " columns do not divide the ", columns,
                                  " columns of layer '", layer, "'; leave it dense, or take a divisor"));
  }
  if (columns_per_channel < 1 || columns % columns_per_channel != 0) {
    throw InvalidArgument(message(pruner, ": ", columns_per_channel, " kernel elements do not divide the ",
                                  columns, " columns of layer '", layer, "'"));
  }
}

void check_pattern_sparsity(const std::string& pruner, const Pattern& pattern, const std::string& layer,
                            double sparsity) {
  if (pattern.of == 0 || sparsity == 0.0 || sparsity == 1.0) return;
  const double own = static_cast<double>(pattern.zeros) / static_cast<double>(pattern.of);
  if (std::abs(sparsity - own) <= 1e-9) return;
  throw InvalidArgument(message(pruner, ": sparsity ", sparsity, " for layer '", layer, "', but ",
                                pattern.zeros, " zeros of every ", pattern.of, " weights are ", own,
                                "; ask for that, or for 0 or 1"));
}

std::vector<std::int64_t> columns_in_order(ColumnOrder order, std::int64_t columns,
                                           std::int64_t columns_per_channel) {
  std::vector<std::int64_t> result;
  const std::int64_t kernel = order == ColumnOrder::ChannelInnermost ? columns_per_channel : 1;
  for (std::int64_t element = 0; element < kernel; ++element) {
    for (std::int64_t channel = 0; channel < columns / kernel; ++channel)
      result.push_back(channel * kernel + element);
  }
  return result;
}

void arrange(linalg::LiveColumns& live, const std::vector<std::int64_t>& order) {
  std::vector<bool> zeroed(live.index.size());
  for (const auto c : live.zeroed)
    zeroed[static_cast<std::size_t>(c)] = true;
  live.zeroed.clear();
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (zeroed[static_cast<std::size_t>(order[i])]) live.zeroed.push_back(static_cast<std::int64_t>(i));
  }
  live.index = order;
}

} // namespace spade::pruners
