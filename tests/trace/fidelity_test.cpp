// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/trace.hpp>

#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

#include <spade/core/error.hpp>

namespace {

using namespace spade;
using Catch::Matchers::Contains;

TEST_CASE("fidelity of two outputs known by hand", "[trace]") {
  // Probabilities 3/4, 1/4 against 1/2, 1/2.
  const auto result = fidelity({std::log(3.0), 0.0}, {1.0, 1.0});
  CHECK(result.kl == Approx(0.75 * std::log(1.5) + 0.25 * std::log(0.5)));
  CHECK(result.relative_error == Approx(std::hypot(1 - std::log(3.0), 1.0) / std::log(3.0)));
  CHECK(result.class_kept); // of equal outputs the first counts
  CHECK_FALSE(fidelity({0.0, 1.0}, {1.0, 0.0}).class_kept);
  CHECK(result.dense == std::vector<double>{std::log(3.0), 0.0});
  CHECK(result.trace == std::vector<double>{1.0, 1.0});
}

TEST_CASE("equal outputs are perfectly faithful, large ones do not overflow", "[trace]") {
  const auto same = fidelity({1e4, -1e4, 3}, {1e4, -1e4, 3});
  CHECK(same.kl == 0);
  CHECK(same.relative_error == 0);
  CHECK(fidelity({0.0, 0.0}, {0.0, 0.0}).relative_error == 0);
  CHECK(fidelity({1000.0, 0.0}, {0.0, 1000.0}).kl == Approx(1000));
  CHECK(fidelity({1.0}, {2.0}).kl == 0);
}

TEST_CASE("outputs that cannot be compared are refused", "[trace]") {
  CHECK_THROWS_AS(fidelity({}, {}), ShapeMismatch);
  CHECK_THROWS_WITH(fidelity({1.0, 2.0}, {1.0}), Contains("2 outputs of the dense network, 1 of the trace"));
  CHECK_THROWS_AS(fidelity({1.0, std::nan("")}, {1.0, 2.0}), NumericalError);
  CHECK_THROWS_WITH(fidelity({1.0}, {std::numeric_limits<double>::infinity()}),
                    Contains("output 0 of the trace is inf"));
}

} // namespace
