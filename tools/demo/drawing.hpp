// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace spade::demo {

/// A place on the plane: in pixels on a canvas (x to the right, y down), in radii within a figure.
struct Point {
  double x = 0;
  double y = 0;
};

/// Red, green and blue in [0, 1].
using Colour = std::array<double, 3>;

/// A figure as its signed distance: negative inside, zero on the outline, positive outside. Its radius is
/// about 1.
using Figure = std::function<double(Point)>;

/// What a figure is filled with: a colour for every pixel of the canvas.
using Ink = std::function<Colour(Point)>;

/// Where a figure stands: centre and radius in pixels, angle in radians.
struct Pose {
  Point centre;
  double radius = 1;
  double angle = 0;
};

/// The distance to a disc.
[[nodiscard]] double disc(Point point, Point centre, double radius);
/// The distance to a straight stroke with round ends.
[[nodiscard]] double stroke(Point point, Point from, Point to, double half_width);
/// The distance to a polygon given by its corners, in order, without self-intersections.
[[nodiscard]] double polygon(Point point, std::span<const Point> corners);
/// Half-way (w = 0.5) between two colours, or elsewhere on the line: a (1 - w) + b w.
[[nodiscard]] Colour mix(const Colour& a, const Colour& b, double weight);

/// A square picture that figures are painted on, one over the other, with antialiased outlines.
class Canvas {
public:
  explicit Canvas(int size, const Ink& ground);
  /// Starts from a picture: [3, size, size] in [0, 1].
  Canvas(int size, std::span<const float> pixels);

  /// Covers each pixel by the figure's share of it, taken from the distance at the pixel's centre.
  void paint(const Figure& figure, const Pose& pose, const Ink& ink);
  /// Which pixels a figure would touch, [size, size], 1 or 0.
  [[nodiscard]] std::vector<std::uint8_t> touched(const Figure& figure, const Pose& pose) const;
  /// Changes every channel of every pixel by what `change` gives, row by row.
  void perturb(const std::function<double()>& change);

  /// [3, size, size], rounded to the 256 levels of a picture file and divided by 255.
  [[nodiscard]] std::vector<float> pixels() const;

private:
  /// Calls `visit` with index, place and covered share, in (0, 1], of each pixel that the figure touches.
  void cover(const Figure& figure, const Pose& pose,
             const std::function<void(std::size_t index, Point pixel, double share)>& visit) const;

  int size_;
  std::vector<Colour> colours_;
};

} // namespace spade::demo
