// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include <spade/core/rng.hpp>
#include <spade/sample.hpp>

namespace spade::augmenters {

/// What a step knows of the sample besides the copy that it is given.
struct InputSpace {
  std::vector<std::int64_t> shape; ///< of the network's input without the batch: what a copy has in the end
  bool pixels = false;             ///< copies are pixels in [0, 1] and are normalised after the last step
  std::vector<double> neutral;     ///< per channel, the value that the network sees as 0; empty: 0
};

/// One random change of one copy.
///
/// Semantics: `step(copy, stream, space)` gives the changed copy. It depends on its arguments alone, draws
/// from the stream alone, and does not write to `copy`, which other threads may be reading; it may return it
/// as it is. Copies are float or double, contiguous, on the CPU: pictures [C, H, W], or whatever the input
/// without its batch is. `name()` is for reports. A step with a member `full_resolution = true` is given the
/// whole picture of the sample instead of the part that the network sees, and makes the network's size of it.
/// Models: all in augmenters/ but `reference`; Sequence makes an Augmenter of any.
template <class S>
concept AugmentationStep = std::copyable<S> &&
    requires(const S& step, const at::Tensor& copy, RandomStream& stream, const InputSpace& space) {
  { step(copy, stream, space) } -> std::same_as<at::Tensor>;
  { step.name() } -> std::convertible_to<std::string>;
};

/// Whether a step wants the sample's picture at its full resolution.
template <class S>
inline constexpr bool wants_full_resolution = [] {
  if constexpr (requires { S::full_resolution; }) return S::full_resolution;
  return false;
}();

/// From what every copy starts to the copy in the network's size.
using CopyTransform =
    std::function<at::Tensor(const at::Tensor& start, RandomStream& stream, const InputSpace& space)>;

/// Draws copies in parallel: copy k is transform(start, k-th stream of rng), normalised if the sample has a
/// picture.
///
/// The start is the sample's picture (whole, or resized and cropped as the network sees it), or else its
/// input. Half precision is computed in float; the result has the input's type and device, [count, ...].
/// @throws InvalidArgument where count is under 1; ShapeMismatch where a copy has not the input's shape in
///   the end; what transform throws
/// Cost: the copies, the starting picture, and per thread what the transform holds (a Sequence two copies) in
/// memory; the transforms run on thread_count() threads.
[[nodiscard]] at::Tensor draw_copies(const Sample& sample, std::int64_t count, Rng& rng, bool full_resolution,
                                     const CopyTransform& transform);

/// Base of a step that makes it an Augmenter by itself (write `using StepAugmenter<Step>::operator();` in
/// it).
template <class Step> class StepAugmenter {
public:
  /// [count, ...] in the network's space. @throws as draw_copies
  [[nodiscard]] at::Tensor operator()(const Sample& sample, std::int64_t count, Rng& rng) const {
    const auto& step = static_cast<const Step&>(*this);
    return draw_copies(sample, count, rng, wants_full_resolution<Step>,
                       [&step](const at::Tensor& start, RandomStream& stream, const InputSpace& space) {
                         return step(start, stream, space);
                       });
  }
};

} // namespace spade::augmenters
