// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "pruners/elimination_state.hpp"

namespace spade::pruners {

/// Optimal brain surgery on some rows of one group, from all variables down: fills in their order and their
/// losses. Rows are shared out over parallel_for. C^3 / 3 flops a row; memory: C^2 elements, and C^2 + 128 C
/// a thread.
/// @param state   the group has its inverse, and loses it here where the layer has several groups
/// @param rows    of the group
/// @param context "Exact: the Gram matrix of layer 'fc', group 0", for the error
/// @throws EliminationOverflow (removal_order.hpp)
void eliminate_rows(Elimination::State& state, std::int64_t group, std::span<const std::int64_t> rows,
                    const std::string& context);

} // namespace spade::pruners
