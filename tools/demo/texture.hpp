// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <spade/core/rng.hpp>

#include "drawing.hpp"

namespace spade::demo {

/// Any colour, each channel uniform.
[[nodiscard]] Colour any_colour(RandomStream& random);
/// Of any hue and brightness, but pale.
[[nodiscard]] Colour dull_colour(RandomStream& random);
/// Of that hue (in turns), strong and light.
[[nodiscard]] Colour bright_colour(RandomStream& random, double hue);

/// Of about that hue, of medium strength.
[[nodiscard]] Colour muted_colour(RandomStream& random, double hue);

/// Two colours and a pattern that mixes them: clouds, stripes, checks, or a slope.
[[nodiscard]] Ink draw_ink(RandomStream& random, const Colour& a, const Colour& b);

/// A ground as photographs have it: three colours mixed by two fields with detail at every scale, under a
/// light that comes from one side. Amplitudes fall with the frequency f, about as 1 / f.
[[nodiscard]] Ink draw_landscape(RandomStream& random, const Colour& home);

} // namespace spade::demo
