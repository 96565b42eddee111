// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <spade/pruners/pattern.hpp>

#include "linalg/live_columns.hpp"

namespace spade::pruners {

/// Checks what can be checked without a layer. `pruner` begins the message. @throws InvalidArgument
void check_pattern(const std::string& pruner, const Pattern& pattern);

/// Checks that the pattern divides the layer's columns, and its kernel elements them. @throws InvalidArgument
void check_pattern(const std::string& pruner, const Pattern& pattern, const std::string& layer,
                   std::int64_t columns, std::int64_t columns_per_channel);

/// Checks that a sparsity is one that the pattern has: with N:M only N / M, 0 and 1. @throws InvalidArgument
void check_pattern_sparsity(const std::string& pruner, const Pattern& pattern, const std::string& layer,
                            double sparsity);

/// The stored columns in the pattern's order.
[[nodiscard]] std::vector<std::int64_t> columns_in_order(ColumnOrder order, std::int64_t columns,
                                                         std::int64_t columns_per_channel);

/// Brings live columns, all of them in ascending order, into the order given.
void arrange(linalg::LiveColumns& live, const std::vector<std::int64_t>& order);

} // namespace spade::pruners
