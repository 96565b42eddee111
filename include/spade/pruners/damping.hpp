// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace spade::pruners {

/// What is added to a Gram matrix's diagonal where the caller does not say, as a fraction of its mean: 1e-2;
/// 3e-2 from fewer than 2 C positions, 1e-1 from fewer than C.
///
/// A fraction of the mean, so that the unit of the inputs does not matter. H from few positions is (nearly)
/// singular: directions that the copies do not show cost nothing, and without damping the weights along them
/// would be chosen to suit noise. docs/pruners.md has the error on other copies of the same sample, which
/// this is chosen by.
/// @param positions that H is a sum over; 0 counts as unknown, and many
/// @param columns   C
[[nodiscard]] double default_damping(std::int64_t positions, std::int64_t columns);

} // namespace spade::pruners
