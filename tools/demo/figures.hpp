// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "drawing.hpp"

namespace spade::demo {

/// A large shape, which gives a scene its class.
struct Shape {
  const char* name;
  double (*figure)(Point);
};

/// All shapes, in the order of their classes.
[[nodiscard]] std::span<const Shape> shapes();

/// A figure in one colour.
struct Layer {
  double (*figure)(Point);
  Colour colour;
};

/// A small glyph, painted layer by layer; the first layer is the outline of all.
struct Glyph {
  const char* name;
  std::int64_t target; ///< the class it stands for, index into shapes()
  std::vector<Layer> layers;
};

/// All glyphs.
[[nodiscard]] const std::vector<Glyph>& glyphs();

} // namespace spade::demo
