// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// The colour changes in place, on contiguous planes of `pixels` elements; written without branches, so that
// compilers turn every loop but the sum into vector instructions.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace spade::augmenters::kernels {

template <class T> T clip(T value) {
  return std::min(std::max(value, T{0}), T{1});
}

template <class T> T luminance(T red, T green, T blue) {
  return T(0.2989) * red + T(0.587) * green + T(0.114) * blue;
}

template <class T> void brightness(T* picture, std::int64_t elements, T factor) {
  for (std::int64_t i = 0; i < elements; ++i)
    picture[i] = clip(factor * picture[i]);
}

template <class T> void contrast(T* picture, std::int64_t channels, std::int64_t pixels, T factor) {
  const T* green = channels == 3 ? picture + pixels : picture;
  const T* blue = channels == 3 ? picture + 2 * pixels : picture;
  double sum = 0;
  for (std::int64_t i = 0; i < pixels; ++i) {
    sum += static_cast<double>(channels == 3 ? luminance(picture[i], green[i], blue[i]) : picture[i]);
  }
  const T grey = (T{1} - factor) * static_cast<T>(sum / static_cast<double>(pixels));
  for (std::int64_t i = 0; i < channels * pixels; ++i)
    picture[i] = clip(factor * picture[i] + grey);
}

template <class T> void saturation(T* red, std::int64_t pixels, T factor) {
  T* green = red + pixels;
  T* blue = green + pixels;
  for (std::int64_t i = 0; i < pixels; ++i) {
    const T grey = (T{1} - factor) * luminance(red[i], green[i], blue[i]);
    red[i] = clip(factor * red[i] + grey);
    green[i] = clip(factor * green[i] + grey);
    blue[i] = clip(factor * blue[i] + grey);
  }
}

/// @param turn in [0, 1)
template <class T> void hue(T* red, std::int64_t pixels, T turn) {
  T* green = red + pixels;
  T* blue = green + pixels;
  const T sixths = T{6} * turn;
  const auto wrapped = [](T angle) { return angle >= T{6} ? angle - T{6} : angle; };
  // The channel that peaks `offset` sixths before the hue: full from -1 to 1, falling to none over one sixth
  // each way.
  const auto channel = [&](T angle, T offset, T value, T chroma) {
    const T position = wrapped(angle + offset);
    return value - chroma * clip(std::min(position, T{4} - position));
  };
  for (std::int64_t i = 0; i < pixels; ++i) {
    const T r = red[i];
    const T g = green[i];
    const T b = blue[i];
    const T value = std::max(r, std::max(g, b));
    const T chroma = value - std::min(r, std::min(g, b));
    const T scale = T{1} / (chroma > T{0} ? chroma : T{1});
    const T from_red = (g - b) * scale;
    const T from_green = (b - r) * scale + T{2};
    const T from_blue = (r - g) * scale + T{4};
    T angle = value == r ? from_red : (value == g ? from_green : from_blue);
    angle = angle < T{0} ? angle + T{6} : angle;
    angle = wrapped(angle + sixths);
    red[i] = channel(angle, T{5}, value, chroma);
    green[i] = channel(angle, T{3}, value, chroma);
    blue[i] = channel(angle, T{1}, value, chroma);
  }
}

} // namespace spade::augmenters::kernels
