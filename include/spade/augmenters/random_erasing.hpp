// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <spade/augmenters/range.hpp>
#include <spade/augmenters/resample.hpp>
#include <spade/augmenters/step.hpp>

namespace spade::augmenters {

/// Overwrites a random rectangle with one value, with a probability.
///
/// Area and ratio of the rectangle are drawn as in RandomResizedCrop, but it is smaller than the picture on
/// both axes; if ten draws do not fit, nothing is erased. Works on any [C, H, W].
///
/// Source: zhong2020erasing, as torchvision2016 has it. Departures: the ratio is width over height (there
/// height over width); what is erased becomes the neutral colour (there 0; in the paper random values).
/// Cost: one copy where it erases.
class RandomErasing : public StepAugmenter<RandomErasing> {
public:
  struct Options {
    double probability = 0.5; ///< in [0, 1]
    Range scale{0.02, 0.33};  ///< of the picture's area, in (0, 1]
    Range ratio{0.3, 3.3};    ///< width over height, over 0
    std::vector<double>
        value{}; ///< per channel or one for all, in the copy's units; empty: what the network sees as 0
  };

  RandomErasing() : RandomErasing(Options{}) {}
  /// @throws InvalidArgument where an option is out of range
  explicit RandomErasing(const Options& options);

  using StepAugmenter::operator();
  /// @throws ShapeMismatch where the copy is not a picture, or `value` has another number of channels
  [[nodiscard]] at::Tensor operator()(const at::Tensor& copy, RandomStream& stream,
                                      const InputSpace& space) const;

  [[nodiscard]] std::string name() const;

private:
  Options options_;
};

} // namespace spade::augmenters
