// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pruners/elimination_state.hpp"

namespace spade::pruners {

/// Lets each row's weights trade places (row_swaps.hpp) after as many removals as a sparsity asks for: the
/// state's order changes, its losses and with them what each row keeps do not. Rows that keep so many that
/// swaps would hold more than C^2 + 128 C floats stay as they are. For states without a pattern.
/// @throws NumericalError where H' is not positive definite on what a row keeps
void swap_weights(Elimination::State& state, double sparsity);

} // namespace spade::pruners
