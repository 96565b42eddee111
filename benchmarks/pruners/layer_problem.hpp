// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <spade/core/rng.hpp>
#include <spade/linalg/rank_update.hpp>
#include <spade/pruner.hpp>

namespace spade::benchmarks {

using Extents = std::vector<std::int64_t>;

/// Gaussian weights, and the Gram matrix of correlated ReLU-like inputs at 256 positions, in double, as the
/// statistics hand it over. The speed does not depend on the values.
inline spade::LayerProblem problem_of(std::int64_t groups, std::int64_t rows, std::int64_t columns,
                                      std::int64_t block) {
  spade::RandomStream draws(1, 0);
  std::vector<float> weight(static_cast<std::size_t>(groups * rows * columns));
  for (auto& w : weight)
    w = static_cast<float>(draws.normal());
  const std::int64_t positions = 256;
  std::vector<float> x(static_cast<std::size_t>(columns * positions));
  for (std::int64_t p = 0; p < positions; ++p) {
    double drift = 0;
    for (std::int64_t c = 0; c < columns; ++c) {
      drift = 0.9 * drift + draws.uniform() - 0.5;
      x[static_cast<std::size_t>(p * columns + c)] = static_cast<float>(drift > 0 ? drift : 0.0);
    }
  }
  std::vector<float> lower(static_cast<std::size_t>(columns * columns));
  spade::linalg::rank_update<float>(1.0F, {x.data(), columns, positions, 1, columns},
                                    {lower.data(), columns, columns, columns});
  std::vector<double> gram;
  gram.reserve(static_cast<std::size_t>(groups * columns * columns));
  for (std::int64_t g = 0; g < groups; ++g) {
    for (std::int64_t i = 0; i < columns; ++i) {
      for (std::int64_t j = 0; j < columns; ++j) {
        gram.push_back(
            static_cast<double>(lower[static_cast<std::size_t>(i >= j ? i * columns + j : j * columns + i)]));
      }
    }
  }
  return {.name = "benchmark",
          .weight = spade::TensorView::owning(std::move(weight), Extents{groups, rows, columns}),
          .gram = spade::TensorView::owning(std::move(gram), Extents{groups, columns, columns}),
          .samples = 1,
          .positions = positions,
          .columns_per_channel = block};
}

} // namespace spade::benchmarks
