// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <ATen/core/Tensor.h>

#include <spade/augmenters/step.hpp>

namespace spade::augmenters {

/// Overwrites each position of a sequence with a probability: the missing words of a text.
///
///     x'[t] = baseline[t] where u_t < probability, else x[t];  u_t uniform in [0, 1), one draw a position
///
/// Inputs are [1, T, width]: T positions, such as the embeddings of T tokens (graph/behind_embedding.hpp).
/// Positions are drawn independently and in order. Source: iyyer2015deep (word dropout). Departure: there a
/// word leaves an average; here the baseline stands in its place, so that no other position moves. Cost: one
/// copy.
class TokenDropout : public StepAugmenter<TokenDropout> {
public:
  struct Options {
    double probability = 0.1; ///< of each position, in [0, 1]
    at::Tensor baseline = {}; ///< [width] for every position, or [1, T, width]; undefined: zeros. Copied
  };

  TokenDropout() : TokenDropout(Options{}) {}
  /// @throws InvalidArgument where the probability is out of range, or the baseline not floating point or not
  ///   finite
  /// @throws ShapeMismatch where the baseline is neither [width] nor [1, T, width]
  explicit TokenDropout(const Options& options);

  using StepAugmenter::operator();
  /// @throws ShapeMismatch where the copy is not [T, width], or the baseline has not its extents
  [[nodiscard]] at::Tensor operator()(const at::Tensor& copy, RandomStream& stream,
                                      const InputSpace& space) const;

  [[nodiscard]] std::string name() const;

private:
  double probability_;
  at::Tensor baseline_; ///< [1, width], [T, width], or undefined; on the CPU
};

} // namespace spade::augmenters
