// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "report/text.hpp"

#include <limits>

#include <catch2/catch.hpp>

namespace {

using namespace spade::report;

TEST_CASE("fractions read as per cent", "[report]") {
  CHECK(percent(0.9087) == "90.9");
  CHECK(percent(0.5, 0) == "50");
  CHECK(percent(-0.012) == "−1.2");
  CHECK(percent(-0.0001) == "0.0");
  CHECK(signed_percent(0.012) == "+1.2");
  CHECK(signed_percent(-0.012) == "−1.2");
  CHECK(signed_percent(0.0001) == "0.0");
}

TEST_CASE("numbers have three digits and a power of ten where they need one", "[report]") {
  CHECK(number(0) == "0");
  CHECK(number(0.01234) == "0.0123");
  CHECK(number(-12.345) == "−12.3");
  CHECK(number(0.000128) == "1.28 × 10⁻⁴");
  CHECK(number(-1.5e-12) == "−1.50 × 10⁻¹²");
  CHECK(number(2.5e7) == "2.5 × 10⁷");
  CHECK(number(std::numeric_limits<double>::infinity()) == "inf");
}

TEST_CASE("large counts are grouped by threes", "[report]") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1000) == "1\u202f000");
  CHECK(grouped(23654321) == "23\u202f654\u202f321");
}

TEST_CASE("seconds are as exact as they deserve", "[report]") {
  CHECK(seconds(0.0123) == "0.012");
  CHECK(seconds(0.123) == "0.12");
  CHECK(seconds(12.34) == "12.3");
}

TEST_CASE("identifiers become names, and names stay", "[report]") {
  CHECK(display_name("saliency") == "Saliency");
  CHECK(display_name("integrated_gradients") == "Integrated gradients");
  CHECK(display_name("input_x_gradient") == "Input × gradient");
  CHECK(display_name("lrp_epsilon_plus") == "LRP epsilon plus");
  CHECK(display_name("IntegratedGradients") == "IntegratedGradients");
  CHECK(display_name("my <method>") == "my <method>");
}

} // namespace
