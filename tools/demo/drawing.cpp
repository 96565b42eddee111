// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "drawing.hpp"

#include <algorithm>
#include <cmath>

namespace spade::demo {
namespace {

Point minus(Point a, Point b) {
  return {a.x - b.x, a.y - b.y};
}
double dot(Point a, Point b) {
  return a.x * b.x + a.y * b.y;
}

} // namespace

double disc(Point point, Point centre, double radius) {
  const Point offset = minus(point, centre);
  return std::hypot(offset.x, offset.y) - radius;
}

double stroke(Point point, Point from, Point to, double half_width) {
  const Point along = minus(to, from);
  const Point offset = minus(point, from);
  const double share = std::clamp(dot(offset, along) / dot(along, along), 0.0, 1.0);
  return disc(offset, {share * along.x, share * along.y}, half_width);
}

double polygon(Point point, std::span<const Point> corners) {
  double nearest = 1e9;
  bool inside = false;
  for (std::size_t i = 0; i < corners.size(); ++i) {
    const Point a = corners[i];
    const Point b = corners[(i + 1) % corners.size()];
    nearest = std::min(nearest, stroke(point, a, b, 0.0));
    // A ray to the right crosses an odd number of edges when it starts inside.
    if ((a.y > point.y) != (b.y > point.y) && point.x < a.x + (b.x - a.x) * (point.y - a.y) / (b.y - a.y)) {
      inside = !inside;
    }
  }
  return inside ? -nearest : nearest;
}

Colour mix(const Colour& a, const Colour& b, double weight) {
  Colour result{};
  for (std::size_t c = 0; c < 3; ++c)
    result[c] = a[c] + (b[c] - a[c]) * weight;
  return result;
}

Canvas::Canvas(int size, const Ink& ground) : size_(size) {
  for (int row = 0; row < size; ++row) {
    for (int column = 0; column < size; ++column) {
      colours_.push_back(ground({static_cast<double>(column), static_cast<double>(row)}));
    }
  }
}

Canvas::Canvas(int size, std::span<const float> pixels)
    : size_(size), colours_(static_cast<std::size_t>(size) * static_cast<std::size_t>(size)) {
  for (std::size_t i = 0; i < colours_.size(); ++i) {
    for (std::size_t c = 0; c < 3; ++c)
      colours_[i][c] = pixels[c * colours_.size() + i];
  }
}

void Canvas::cover(const Figure& figure, const Pose& pose,
                   const std::function<void(std::size_t, Point, double)>& visit) const {
  constexpr double reach = 1.2; // no figure extends further than this many radii
  const auto first = [&](double centre) {
    return std::max(0, static_cast<int>(centre - reach * pose.radius) - 1);
  };
  const auto last = [&](double centre) {
    return std::min(size_ - 1, static_cast<int>(centre + reach * pose.radius) + 1);
  };
  const double cosine = std::cos(pose.angle) / pose.radius;
  const double sine = std::sin(pose.angle) / pose.radius;
  for (int row = first(pose.centre.y); row <= last(pose.centre.y); ++row) {
    for (int column = first(pose.centre.x); column <= last(pose.centre.x); ++column) {
      const Point pixel{static_cast<double>(column), static_cast<double>(row)};
      const Point offset = minus(pixel, pose.centre);
      const Point local{cosine * offset.x + sine * offset.y, cosine * offset.y - sine * offset.x};
      const double share = std::clamp(0.5 - pose.radius * figure(local), 0.0, 1.0);
      if (share > 0) visit(static_cast<std::size_t>(row * size_ + column), pixel, share);
    }
  }
}

void Canvas::paint(const Figure& figure, const Pose& pose, const Ink& ink) {
  cover(figure, pose, [&](std::size_t index, Point pixel, double share) {
    colours_[index] = mix(colours_[index], ink(pixel), share);
  });
}

std::vector<std::uint8_t> Canvas::touched(const Figure& figure, const Pose& pose) const {
  std::vector<std::uint8_t> result(colours_.size());
  cover(figure, pose, [&](std::size_t index, Point, double) { result[index] = 1; });
  return result;
}

void Canvas::perturb(const std::function<double()>& change) {
  for (Colour& colour : colours_) {
    for (double& channel : colour)
      channel += change();
  }
}

std::vector<float> Canvas::pixels() const {
  std::vector<float> result(3 * colours_.size());
  for (std::size_t i = 0; i < colours_.size(); ++i) {
    for (std::size_t c = 0; c < 3; ++c) {
      const double level = std::round(255 * std::clamp(colours_[i][c], 0.0, 1.0));
      result[c * colours_.size() + i] = static_cast<float>(level) / 255.0F;
    }
  }
  return result;
}

} // namespace spade::demo
