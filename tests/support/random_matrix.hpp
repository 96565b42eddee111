// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include <spade/core/rng.hpp>

namespace spade::tests {

/// Standard normal entries, row-major.
template <class T> std::vector<T> random_matrix(std::int64_t rows, std::int64_t columns, std::uint64_t seed) {
  RandomStream draws(seed, 0);
  std::vector<T> matrix(static_cast<std::size_t>(rows * columns));
  for (auto& element : matrix)
    element = static_cast<T>(draws.normal());
  return matrix;
}

} // namespace spade::tests
