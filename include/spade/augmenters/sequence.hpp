// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <tuple>
#include <utility>

#include <spade/augmenters/step.hpp>

namespace spade::augmenters {

/// Steps one after the other, all drawing from the copy's own stream: `RandomResizedCrop{} |
/// HorizontalFlip{}`.
///
/// Where the sample has a picture, the steps work on its pixels and the result is normalised at the end; if
/// any of them wants the full resolution, the first gets the whole picture, otherwise the part that the
/// network sees. Throws what its steps throw. Cost: the sum of theirs; two copies are alive at a time.
template <AugmentationStep... Steps> class Sequence : public StepAugmenter<Sequence<Steps...>> {
public:
  static constexpr bool full_resolution = (wants_full_resolution<Steps> || ...);

  explicit Sequence(Steps... steps) : steps_(std::move(steps)...) {}

  using StepAugmenter<Sequence>::operator();
  [[nodiscard]] at::Tensor operator()(const at::Tensor& copy, RandomStream& stream,
                                      const InputSpace& space) const {
    at::Tensor result = copy;
    std::apply([&](const auto&... step) { ((result = step(result, stream, space)), ...); }, steps_);
    return result;
  }

  [[nodiscard]] std::string name() const {
    std::string text;
    const auto add = [&text](const std::string& name) { text += (text.empty() ? "" : " | ") + name; };
    std::apply([&](const auto&... step) { (add(step.name()), ...); }, steps_);
    return text;
  }

  [[nodiscard]] const std::tuple<Steps...>& steps() const { return steps_; }

private:
  std::tuple<Steps...> steps_;
};

/// One step after another.
template <AugmentationStep First, AugmentationStep Second>
[[nodiscard]] Sequence<First, Second> operator|(First first, Second second) {
  return Sequence<First, Second>(std::move(first), std::move(second));
}

/// One step more at the end of a sequence.
template <AugmentationStep... Steps, AugmentationStep Last>
[[nodiscard]] Sequence<Steps..., Last> operator|(Sequence<Steps...> sequence, Last last) {
  return std::apply([&](const Steps&... step) { return Sequence<Steps..., Last>(step..., std::move(last)); },
                    sequence.steps());
}

} // namespace spade::augmenters
