// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "pruners/problem_check.hpp"

#include <array>
#include <cstdint>
#include <vector>

#include <catch2/catch.hpp>

#include <spade/core/error.hpp>

#include "linalg/every_level.hpp"

using Extents = std::vector<std::int64_t>;
using spade::LayerProblem;
using spade::TensorView;
using spade::pruners::check_gram;
using spade::tests::EveryLevel;

// One element of one triangle is off, wherever it lies: sizes round those of the tiles that are compared.
TEMPLATE_TEST_CASE("an asymmetry is found wherever it lies", "[pruners]", float, double) {
  const std::int64_t columns = GENERATE(2, 7, 47, 48, 49, 63, 65, 97, 131);
  const bool transposed = GENERATE(false, true);
  std::vector<TestType> gram(static_cast<std::size_t>(columns * columns));
  for (std::int64_t c = 0; c < columns; ++c)
    gram[static_cast<std::size_t>(c * columns + c)] = 4;
  LayerProblem problem;
  problem.name = "layer";
  problem.weight =
      TensorView::owning(std::vector<TestType>(static_cast<std::size_t>(columns), 1), Extents{1, 1, columns});
  const std::array<std::int64_t, 3> extents{1, columns, columns};
  const std::array<std::int64_t, 3> strides{columns * columns, transposed ? 1 : columns,
                                            transposed ? columns : 1};
  problem.gram = TensorView(gram.data(), extents, strides);
  const std::int64_t step =
      columns < 50 ? 1 : 5; // of both numbers, so that all distances from a tile's edge occur
  for (const auto level : EveryLevel()) {
    CAPTURE(to_string(level), columns, transposed);
    const auto check = [&] { check_gram("Check", problem, {1, 1, columns}); };
    REQUIRE_NOTHROW(check());
    for (std::int64_t i = 0; i < columns; i += step) {
      for (std::int64_t j = i / step % step; j < columns; j += step) {
        if (i == j) continue;
        TestType& element = gram[static_cast<std::size_t>(i * columns + j)];
        element = static_cast<TestType>(4.1e-4); // 1e-4 of sqrt(4 4) is still taken for rounding
        REQUIRE_THROWS_AS(check(), spade::InvalidArgument);
        element = static_cast<TestType>(3.9e-4);
        REQUIRE_NOTHROW(check());
        element = 0;
      }
    }
  }
}
