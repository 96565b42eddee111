// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/augmenters/color_jitter.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "augmenters/color_kernels.hpp"
#include "augmenters/picture_elements.hpp"
#include "augmenters/step_checks.hpp"

namespace spade::augmenters {
namespace {

enum class Change { Brightness, Contrast, Saturation, Hue };

struct Jitter {
  std::array<Change, 4> order{Change::Brightness, Change::Contrast, Change::Saturation, Change::Hue};
  double brightness = 1;
  double contrast = 1;
  double saturation = 1;
  double turn = 0;
};

Jitter draw(const ColorJitter::Options& amounts, RandomStream& stream) {
  Jitter jitter;
  for (std::size_t last = jitter.order.size() - 1; last > 0; --last) { // Fisher and Yates
    std::swap(jitter.order[last],
              jitter.order[static_cast<std::size_t>(stream.integer(static_cast<std::int64_t>(last) + 1))]);
  }
  const auto factor = [&stream](double amount) {
    return stream.uniform(std::max(0.0, 1 - amount), 1 + amount);
  };
  jitter.brightness = factor(amounts.brightness);
  jitter.contrast = factor(amounts.contrast);
  jitter.saturation = factor(amounts.saturation);
  jitter.turn = stream.uniform(-amounts.hue, amounts.hue);
  return jitter;
}

template <class T> void apply(const Jitter& jitter, T* picture, std::int64_t channels, std::int64_t pixels) {
  for (const auto change : jitter.order) {
    switch (change) {
    case Change::Brightness:
      kernels::brightness(picture, channels * pixels, static_cast<T>(jitter.brightness));
      break;
    case Change::Contrast:
      kernels::contrast(picture, channels, pixels, static_cast<T>(jitter.contrast));
      break;
    case Change::Saturation:
      if (channels == 3) kernels::saturation(picture, pixels, static_cast<T>(jitter.saturation));
      break;
    case Change::Hue:
      if (channels == 3) kernels::hue(picture, pixels, static_cast<T>(jitter.turn - std::floor(jitter.turn)));
      break;
    }
  }
}

void check_amount(double amount, double most, std::string_view option) {
  if (!(amount >= 0 && amount <= most)) {
    throw InvalidArgument(message("ColorJitter: ", option, " ", amount, " is not in [0, ", most, "]"));
  }
}

} // namespace

ColorJitter::ColorJitter(const Options& options) : options_(options) {
  constexpr double most = std::numeric_limits<double>::max();
  check_amount(options.brightness, most, "brightness");
  check_amount(options.contrast, most, "contrast");
  check_amount(options.saturation, most, "saturation");
  check_amount(options.hue, 0.5, "hue");
}

at::Tensor ColorJitter::operator()(const at::Tensor& copy, RandomStream& stream,
                                   const InputSpace& space) const {
  check_picture(copy, space, "ColorJitter");
  if (!space.pixels) {
    throw InvalidArgument("ColorJitter changes pixels in [0, 1], and this sample has only the network's "
                          "input; make it from its picture, "
                          "Sample(picture, preprocess)");
  }
  const auto channels = copy.size(0);
  if (channels != 1 && channels != 3) {
    throw ShapeMismatch(message("ColorJitter needs a picture of 1 or 3 channels, not ", shape_text(copy)));
  }
  const auto jitter = draw(options_, stream);
  auto changed = copy.contiguous().clone();
  with_element_type(changed, [&](auto element) {
    apply(jitter, changed.data_ptr<decltype(element)>(), channels, changed.numel() / channels);
  });
  return changed;
}

std::string ColorJitter::name() const {
  return message("colour jitter (brightness ", options_.brightness, ", contrast ", options_.contrast,
                 ", saturation ", options_.saturation, ", hue ", options_.hue, ")");
}

} // namespace spade::augmenters
