// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace spade::pruners {

/// The lower Cholesky factor of a matrix at some of its rows and columns: L L^T = H[chosen, chosen].
/// @param matrix H, symmetric, [n, n]
/// @param factor receives L, [k, k] for k = chosen.size(); what lies above the diagonal is left as it is
/// @param context begins the message
/// @throws NumericalError where that part is not positive definite
void factor_chosen(const double* matrix, std::int64_t n, std::span<const std::int32_t> chosen, double* factor,
                   const std::string& context);

} // namespace spade::pruners
