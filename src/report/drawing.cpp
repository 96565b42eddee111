// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "drawing.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <spade/core/error.hpp>
#include <spade/io/image.hpp>
#include <spade/layer_graph.hpp>
#include <spade/report/colour_map.hpp>

namespace spade::report {
namespace {

// A single outlier would leave the rest of the map in one colour.
constexpr double limit_quantile = 0.995;

at::Tensor plain(const at::Tensor& tensor) {
  return tensor.detach().to(at::kCPU, at::kDouble).contiguous();
}

double limit_of(const at::Tensor& map) {
  const auto sizes = plain(map.abs()).flatten();
  std::vector<double> values(sizes.data_ptr<double>(), sizes.data_ptr<double>() + sizes.numel());
  if (!std::ranges::all_of(values, [](double x) { return std::isfinite(x); })) {
    throw NumericalError("report: an attribution has values that are not finite; they cannot be drawn");
  }
  const auto rank = static_cast<std::ptrdiff_t>(limit_quantile * static_cast<double>(values.size() - 1));
  std::ranges::nth_element(values, values.begin() + rank);
  const double quantile = values[static_cast<std::size_t>(rank)];
  // A map that is zero almost everywhere has its scale from what is left.
  return quantile > 0 ? quantile : *std::ranges::max_element(values);
}

// Calls paint(relative value, rgb) for each pixel of a map [H, W].
template <class Paint> DrawnMap draw(const at::Tensor& map, bool two_sided, const Paint& paint) {
  DrawnMap drawn{at::empty({3, map.size(0), map.size(1)}, at::kFloat), two_sided, limit_of(map)};
  const auto values = plain(map);
  const double* value = values.data_ptr<double>();
  float* rgb = drawn.picture.data_ptr<float>();
  const std::int64_t pixels = map.numel();
  const auto& colours = two_sided ? ColourMap::diverging() : ColourMap::sequential();
  for (std::int64_t i = 0; i < pixels; ++i) {
    const double relative = drawn.limit > 0 ? value[i] / drawn.limit : 0.0;
    const auto colour = colours(relative);
    for (std::int64_t c = 0; c < 3; ++c) {
      const double shade = static_cast<double>(colour[static_cast<std::size_t>(c)]) / 255.0;
      rgb[c * pixels + i] = static_cast<float>(paint(shade, std::min(std::abs(relative), 1.0), i));
    }
  }
  return drawn;
}

// One run of an outline: from the first to one past the last pixel along a border where the mask changes.
template <class Differs>
std::string runs(std::int64_t lines, std::int64_t length, const char* pattern, const Differs& differs) {
  std::string path;
  for (std::int64_t line = 0; line <= lines; ++line) {
    for (std::int64_t begin = 0; begin < length;) {
      std::int64_t end = begin;
      while (end < length && differs(line, end))
        ++end;
      if (end > begin) path += fmt::format(fmt::runtime(pattern), line, begin, end - begin);
      begin = end + 1;
    }
  }
  return path;
}

} // namespace

bool shows_true_colours(const Explanation& explanation) {
  const auto& own = explanation.picture;
  return own && own->dim() == 3 && own->size(1) == explanation.input.size(2) &&
         own->size(2) == explanation.input.size(3);
}

at::Tensor seen_picture(const Explanation& explanation) {
  const auto& input = explanation.input;
  at::Tensor picture;
  if (shows_true_colours(explanation)) {
    picture = explanation.picture->detach().to(at::kCPU, at::kFloat).clamp(0, 1);
  } else {
    picture = input[0].detach().to(at::kCPU, at::kFloat);
    const auto low = picture.amin({1, 2}, true);
    const auto extent = (picture.amax({1, 2}, true) - low).clamp_min(1e-12);
    picture = (picture - low) / extent;
  }
  // Grey fills three channels; of more than three (multispectral pictures) the mean is shown.
  if (picture.size(0) != 3) picture = picture.mean(0, true).expand({3, picture.size(1), picture.size(2)});
  return picture.contiguous();
}

at::Tensor thumbnail(const at::Tensor& picture) {
  const auto step = std::max<std::int64_t>(1, (std::max(picture.size(1), picture.size(2)) + 63) / 64);
  return picture.slice(1, 0, picture.size(1), step).slice(2, 0, picture.size(2), step).contiguous();
}

bool has_negative_sums(const at::Tensor& attribution) {
  return (attribution[0].sum(0) < 0).any().item<bool>();
}

DrawnMap draw_sum(const at::Tensor& attribution, bool two_sided) {
  const auto sum = attribution[0].detach().to(at::kCPU, at::kDouble).sum(0);
  return draw(sum, two_sided, [](double shade, double, std::int64_t) { return shade; });
}

DrawnMap draw_overlay(const at::Tensor& attribution, interpreters::Reduction reduction,
                      const at::Tensor& picture) {
  const auto heat = interpreters::heat_map(attribution.detach().to(at::kCPU), reduction)[0];
  // Rec. 709 luminance weights on the encoded values, as close as a backdrop needs.
  const auto grey = plain(0.2126 * picture[0] + 0.7152 * picture[1] + 0.0722 * picture[2]);
  const double* backdrop = grey.data_ptr<double>();
  return draw(heat, false, [backdrop](double shade, double strength, std::int64_t pixel) {
    const double opacity = 0.95 * std::pow(strength, 0.85);
    return opacity * shade + (1.0 - opacity) * (0.12 + 0.76 * backdrop[pixel]);
  });
}

std::string outline_path(const at::Tensor& mask) {
  const auto inside = (mask.detach().to(at::kCPU, at::kDouble) > 0.5).contiguous();
  const bool* bits = inside.data_ptr<bool>();
  const std::int64_t height = mask.size(0);
  const std::int64_t width = mask.size(1);
  const auto at = [&](std::int64_t y, std::int64_t x) {
    return y >= 0 && y < height && x >= 0 && x < width && bits[y * width + x];
  };
  return runs(height, width, "M{1} {0}h{2}", [&](auto y, auto x) { return at(y - 1, x) != at(y, x); }) +
         runs(width, height, "M{0} {1}v{2}", [&](auto x, auto y) { return at(y, x - 1) != at(y, x); });
}

std::string png_data_uri(const at::Tensor& picture) {
  return "data:image/png;base64," + base64(encode_png(picture));
}

std::string base64(const std::string& bytes) {
  static constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = (group << 8U) | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k)
      text += i + k <= bytes.size() ? digits[(group >> (18U - 6U * k)) & 63U] : '=';
  }
  return text;
}

} // namespace spade::report
