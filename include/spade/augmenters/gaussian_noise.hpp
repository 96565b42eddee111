// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <spade/augmenters/step.hpp>

namespace spade::augmenters {

/// Adds independent normal noise: x + sigma z, z ~ N(0, 1), not clipped. Works on inputs of any shape.
///
/// Source: box1958normal, both normals of every pair. Departure: they are computed in float from 24 random
/// bits, for inputs in double too, and |z| is under 5.8. Cost: one copy of the input; a logarithm, a root, a
/// sine and a cosine for two elements.
class GaussianNoise : public StepAugmenter<GaussianNoise> {
public:
  /// @param sigma finite, at least 0; in units of the copy: pixels in [0, 1] where the sample has a picture,
  ///   else the input's own
  /// @throws InvalidArgument where sigma is out of range
  explicit GaussianNoise(double sigma = 0.1);

  using StepAugmenter::operator();
  [[nodiscard]] at::Tensor operator()(const at::Tensor& copy, RandomStream& stream,
                                      const InputSpace& space) const;

  [[nodiscard]] std::string name() const;

private:
  double sigma_;
};

} // namespace spade::augmenters
