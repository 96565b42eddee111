// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace spade::report {

/// 8-bit sRGB.
using Colour = std::array<std::uint8_t, 3>;

/// Turns a number into a colour so that equal steps of the number look like equal steps of colour.
///
/// Both maps are curves of constant speed through OKLab (ottosson2020oklab), so they are perceptually uniform
/// by construction, and their lightness is monotone from the zero on: they survive a photocopy and the common
/// kinds of colour blindness. A table of 257 colours, made once.
class ColourMap {
public:
  /// For values in [0, 1]: dark violet, red, orange, pale yellow.
  [[nodiscard]] static const ColourMap& sequential();
  /// For values in [-1, 1]: blue, almost white at 0, red. Both ends are equally dark.
  [[nodiscard]] static const ColourMap& diverging();

  /// The colour of a value; values beyond the ends get the colour of the end, NaN a neutral grey.
  [[nodiscard]] Colour operator()(double value) const;

  [[nodiscard]] double low() const { return low_; } ///< the value at the low end: 0 or -1
  [[nodiscard]] double high() const { return 1.0; } ///< the value at the high end
  /// "linear-gradient(to right,#1a0b33 0%,...)": the map as a CSS image, for a colour bar.
  [[nodiscard]] std::string css_gradient() const;

private:
  static constexpr std::size_t size = 257; // odd: zero is in the middle of a diverging map
  explicit ColourMap(double low) : low_(low) {}

  double low_;
  std::array<Colour, size> colours_{};
};

} // namespace spade::report
