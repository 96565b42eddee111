// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

#include "pruners/problem_check.hpp"

namespace spade::pruners {

/// Calls each(g) for every group of a layer, on as many threads at once as keep their `doubles` each within
/// what a layer solve may hold: 4 C^2 doubles, C^2 / 2 + 64 C a thread, and of 4 G R C floats what the order
/// of removals, their losses (3 G R C) and the columns' numbers (2 G C) leave. Where that is one, `each` may
/// share its own work out.
/// @param grain groups that are worth a thread
void for_groups(const Extents& extents, std::int64_t grain, double doubles,
                const std::function<void(std::int64_t g)>& each);

/// The same for solvers that invert each group's matrix: several groups at a time where they have few rows,
/// for those with more share their rows out.
void for_groups_of_few_rows(const Extents& extents, const std::function<void(std::int64_t g)>& each);

} // namespace spade::pruners
