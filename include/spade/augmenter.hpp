// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <type_traits>

#include <spade/core/rng.hpp>

namespace spade {

/// Draws augmented copies of one sample, in the network's input space.
///
/// Semantics: `augmenter(sample, count, rng)` takes `count` streams from rng, and copy k depends on the
/// sample and on the k-th stream alone; so drawing 5 and then 3 copies gives the same bits as drawing 8. The
/// result is [count, ...], of the type of `sample.input()` and on its device; the sample is not touched.
/// `name()` is for reports. Models: everything in augmenters/.
template <class A, class Sample>
concept Augmenter = std::copyable<A> &&
    requires(const A& augmenter, const Sample& sample, std::int64_t count, Rng& rng) {
  { augmenter(sample, count, rng) } -> std::convertible_to<std::remove_cvref_t<decltype(sample.input())>>;
  { augmenter.name() } -> std::convertible_to<std::string>;
};

/// An augmenter together with how many copies to draw and from which seed.
template <class A> struct Augmentation {
  A augmenter;
  std::int64_t count = 1024; ///< copies, at least 1
  std::uint64_t seed = 0;
};

} // namespace spade
