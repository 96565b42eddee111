// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <spade/augmenters/step.hpp>

namespace spade::augmenters {

/// Changes brightness, contrast, saturation and hue by random amounts, in random order.
///
/// Each factor is uniform in [max(0, 1 - a), 1 + a] for the amount a of its kind, and the hue turns by a
/// uniform share in [-hue, hue] of the full circle; the changes are those of color.hpp, all as torchvision's
/// ColorJitter (torchvision2016). It needs pixels: a sample made from a picture of one or three channels.
/// What a normalised input's brightness is, nobody can tell without the normalisation, so that is an error
/// and not a guess. Cost: five passes over one copy of the picture.
class ColorJitter : public StepAugmenter<ColorJitter> {
public:
  struct Options {
    double brightness = 0.4; ///< at least 0
    double contrast = 0.4;   ///< at least 0
    double saturation = 0.4; ///< at least 0
    double hue = 0.1;        ///< in [0, 1/2], of a full turn
  };

  ColorJitter() : ColorJitter(Options{}) {}
  /// @throws InvalidArgument where an amount is out of range
  explicit ColorJitter(const Options& options);

  using StepAugmenter::operator();
  /// @throws ShapeMismatch where the copy is not a picture of 1 or 3 channels; InvalidArgument where it is
  /// not pixels
  [[nodiscard]] at::Tensor operator()(const at::Tensor& copy, RandomStream& stream,
                                      const InputSpace& space) const;

  [[nodiscard]] std::string name() const;
  [[nodiscard]] const Options& options() const { return options_; }

private:
  Options options_;
};

} // namespace spade::augmenters
