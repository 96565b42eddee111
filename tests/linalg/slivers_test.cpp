// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/linalg/slivers.hpp>

#include <vector>

#include <catch2/catch.hpp>

#include <spade/core/error.hpp>

#include "linalg/every_level.hpp"

namespace {

using namespace spade;

// Small whole numbers, so that every sum is exact in any order.
template <class T> void products_of_shifted_stretches() {
  for (const auto level : tests::EveryLevel()) {
    CAPTURE(linalg::to_string(level));
    const std::int64_t height = linalg::Slivers<T>::current_height();
    for (const std::int64_t rows : {std::int64_t{1}, height - 1, height, height + 1, 2 * height + 3}) {
      constexpr std::int64_t depth = 9;
      const auto value = [](std::int64_t r, std::int64_t p) {
        return static_cast<T>((r * 7 + p * 5) % 11 - 4);
      };
      std::vector<T> x;
      for (std::int64_t i = 0; i < rows * depth; ++i)
        x.push_back(value(i / depth, i % depth));
      linalg::Slivers<T> packed(rows, depth);
      for (std::int64_t i = 0; i < packed.count(); ++i) {
        const linalg::ConstMatrix<T> part{x.data() + i * height * depth, packed.rows_of(i), 4, depth, 1};
        packed.pack(i, 0, part);
        packed.pack(i, 4, {part.data + 4, part.rows, depth - 4, depth, 1});
      }
      const std::int64_t i = packed.count() - 1;
      std::vector<T> tile(static_cast<std::size_t>(height * height), T{1});
      std::vector<T> sums(static_cast<std::size_t>(height), T{1});
      packed.multiply_add(i, 1, 0, 3, 5, tile.data());
      packed.multiply_add_rows(i, 1, 3, 5, sums.data());
      for (std::int64_t r = 0; r < packed.rows_of(i); ++r) {
        T own = 1;
        for (std::int64_t k = 0; k < 5; ++k)
          own += value(i * height + r, 1 + k) * value(i * height + r, 3 + k);
        CHECK(sums[static_cast<std::size_t>(r)] == own);
        for (std::int64_t s = 0; s < packed.rows_of(0); ++s) {
          T sum = 1;
          for (std::int64_t k = 0; k < 5; ++k)
            sum += value(i * height + r, 1 + k) * value(s, 3 + k);
          CHECK(tile[static_cast<std::size_t>(r * height + s)] == sum);
        }
      }
    }
  }
}

TEST_CASE("slivers multiply any two stretches of columns", "[linalg]") {
  products_of_shifted_stretches<float>();
  products_of_shifted_stretches<double>();
  CHECK_THROWS_AS(linalg::Slivers<float>(-1, 2), InvalidArgument);
  CHECK_THROWS_WITH(linalg::Slivers<float>(3, -2), "Slivers: a matrix of shape [3, -2]");
}

} // namespace
