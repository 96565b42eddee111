// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "pruners/chosen_factor.hpp"

#include <spade/core/error.hpp>
#include <spade/linalg/cholesky.hpp>

namespace spade::pruners {

void factor_chosen(const double* matrix, std::int64_t n, std::span<const std::int32_t> chosen, double* factor,
                   const std::string& context) {
  const auto size = static_cast<std::int64_t>(chosen.size());
  for (std::int64_t i = 0; i < size; ++i) {
    const double* row = matrix + chosen[static_cast<std::size_t>(i)] * n;
    for (std::int64_t j = 0; j <= i; ++j)
      factor[i * size + j] = row[chosen[static_cast<std::size_t>(j)]];
  }
  if (linalg::factor_cholesky<double>({factor, size, size, size}) == size) return;
  throw NumericalError(
      message(context, ", is not positive definite on ", size, " columns of a row; give more damping"));
}

} // namespace spade::pruners
