// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <spade/augmenters/step.hpp>

namespace spade::augmenters {

/// Lays a grid over the picture and overwrites each cell with a probability: the occlusions of a single
/// sample.
///
/// Cell (i, j) of g x g covers the rows [i H / g, (i + 1) H / g) and the columns likewise, rounded down;
/// cells are drawn independently, row by row. A picture of fewer pixels than cells has empty cells. Works on
/// any [C, H, W]. The grid is our own. Cost: one copy.
class RandomRemove : public StepAugmenter<RandomRemove> {
public:
  struct Options {
    std::int64_t cells = 8;   ///< along each axis, at least 1
    double probability = 0.1; ///< of each cell, in [0, 1]
    std::vector<double>
        value{}; ///< per channel or one for all, in the copy's units; empty: what the network sees as 0
  };

  RandomRemove() : RandomRemove(Options{}) {}
  /// @throws InvalidArgument where an option is out of range
  explicit RandomRemove(const Options& options);

  using StepAugmenter::operator();
  /// @throws ShapeMismatch where the copy is not a picture, or `value` has another number of channels
  [[nodiscard]] at::Tensor operator()(const at::Tensor& copy, RandomStream& stream,
                                      const InputSpace& space) const;

  [[nodiscard]] std::string name() const;

private:
  Options options_;
};

} // namespace spade::augmenters
