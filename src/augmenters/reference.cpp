// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/augmenters/reference.hpp>

#include <utility>

#include <spade/core/error.hpp>

namespace spade::augmenters {
namespace {

template <class A> Augmentation<A> augmentation(A augmenter, const AugmentationOptions& options) {
  if (options.count < 1) {
    throw InvalidArgument(message("the number of augmented copies is ", options.count, "; draw at least 1"));
  }
  return {std::move(augmenter), options.count, options.seed};
}

} // namespace

Augmentation<Reference> reference(const AugmentationOptions& options) {
  return augmentation(RandomResizedCrop{} | HorizontalFlip{} | ColorJitter{} | RandomRemove{}, options);
}

Augmentation<CropAndJitter> crop_and_jitter(const AugmentationOptions& options) {
  return augmentation(RandomResizedCrop{} | HorizontalFlip{} | ColorJitter{}, options);
}

Augmentation<RandomRemove> random_remove(const AugmentationOptions& options) {
  return augmentation(RandomRemove({.cells = 8, .probability = 0.3}), options);
}

Augmentation<GaussianNoise> noise(const AugmentationOptions& options) {
  return augmentation(GaussianNoise{}, options);
}

} // namespace spade::augmenters
