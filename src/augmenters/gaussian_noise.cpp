// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/augmenters/gaussian_noise.hpp>

#include <cmath>
#include <numbers>

#include "augmenters/picture_elements.hpp"

namespace spade::augmenters {
namespace {

template <class T> void add_noise(T* elements, std::int64_t count, T sigma, RandomStream& stream) {
  for (std::int64_t i = 0; i < count; i += 2) {
    // In (0, 1], so that the logarithm is finite; then an angle.
    const float share = (static_cast<float>(stream.bits() >> 8U) + 1.0F) * 0x1.0p-24F;
    const float angle =
        static_cast<float>(stream.bits() >> 8U) * (2.0F * std::numbers::pi_v<float> * 0x1.0p-24F);
    const float radius = std::sqrt(-2.0F * std::log(share));
    elements[i] += sigma * static_cast<T>(radius * std::cos(angle));
    if (i + 1 < count) elements[i + 1] += sigma * static_cast<T>(radius * std::sin(angle));
  }
}

} // namespace

GaussianNoise::GaussianNoise(double sigma) : sigma_(sigma) {
  if (!(std::isfinite(sigma) && sigma >= 0)) {
    throw InvalidArgument(message("GaussianNoise: sigma ", sigma, " is not finite and at least 0"));
  }
}

at::Tensor GaussianNoise::operator()(const at::Tensor& copy, RandomStream& stream, const InputSpace&) const {
  auto noisy = copy.contiguous().clone();
  with_element_type(noisy, [&](auto element) {
    using T = decltype(element);
    add_noise(noisy.data_ptr<T>(), noisy.numel(), static_cast<T>(sigma_), stream);
  });
  return noisy;
}

std::string GaussianNoise::name() const {
  return message("Gaussian noise (", sigma_, ")");
}

} // namespace spade::augmenters
