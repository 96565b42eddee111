// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <spade/augmenters/step.hpp>

namespace spade::augmenters {

/// Mirrors left and right, y[c, i, j] = x[c, i, W - 1 - j], with a probability. Works on any [C, H, W].
/// Cost: one copy where it mirrors, nothing where it does not.
class HorizontalFlip : public StepAugmenter<HorizontalFlip> {
public:
  /// @throws InvalidArgument where the probability is not in [0, 1]
  explicit HorizontalFlip(double probability = 0.5);

  using StepAugmenter::operator();
  /// @throws ShapeMismatch where the copy is not a picture
  [[nodiscard]] at::Tensor operator()(const at::Tensor& copy, RandomStream& stream,
                                      const InputSpace& space) const;

  [[nodiscard]] std::string name() const;

private:
  double probability_;
};

} // namespace spade::augmenters
