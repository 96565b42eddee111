// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/core/error.hpp>

#include <clocale>
#include <locale>
#include <type_traits>

#include <catch2/catch.hpp>

namespace {

template <class E>
constexpr bool is_spade_error = std::is_base_of_v<spade::Error, E> && !std::is_same_v<spade::Error, E>;

static_assert(is_spade_error<spade::InvalidArgument> && is_spade_error<spade::ShapeMismatch>);
static_assert(is_spade_error<spade::UnsupportedOperator> && is_spade_error<spade::NumericalError>);
static_assert(is_spade_error<spade::FileError> && is_spade_error<spade::NotCompiled>);
static_assert(is_spade_error<spade::DeviceError> && is_spade_error<spade::Interrupted>);
static_assert(!std::is_base_of_v<spade::InvalidArgument, spade::ShapeMismatch>);

struct CommaDecimals : std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

} // namespace

TEST_CASE("every error is caught as spade::Error and as std::exception with its text", "[core][error]") {
  CHECK_THROWS_AS(throw spade::ShapeMismatch("a"), spade::Error);
  CHECK_THROWS_WITH(throw spade::NumericalError(spade::message("H[", 3, "] is ", 0.5)), "H[3] is 0.5");
  try {
    throw spade::FileError("no file");
  } catch (const std::exception& error) {
    CHECK(std::string(error.what()) == "no file");
  }
}

TEST_CASE("a message reads the same in every locale", "[core][error]") {
  const std::locale before = std::locale::global(std::locale(std::locale::classic(), new CommaDecimals));
  const std::string text = spade::message("C = ", 4608, ", s = ", 0.95);
  std::locale::global(before);
  CHECK(text == "C = 4608, s = 0.95");
}
