// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <spade/augmenter.hpp>
#include <spade/augmenters/color_jitter.hpp>
#include <spade/augmenters/gaussian_noise.hpp>
#include <spade/augmenters/horizontal_flip.hpp>
#include <spade/augmenters/random_remove.hpp>
#include <spade/augmenters/random_resized_crop.hpp>
#include <spade/augmenters/sequence.hpp>

/// Compositions by name. SPADE (moakhar2024spade, algorithm 1) prunes on random augmentations of the one
/// sample. The kinds of change here are those usual with it, crops, colour jitter and removal; the strengths
/// are spade's own choice and not the authors'. Making one costs nothing; docs/performance.md has what the
/// copies cost.
namespace spade::augmenters {

struct AugmentationOptions {
  std::int64_t count = 1024; ///< copies, as in the paper
  std::uint64_t seed = 0;
};

using Reference = Sequence<RandomResizedCrop, HorizontalFlip, ColorJitter, RandomRemove>;
using CropAndJitter = Sequence<RandomResizedCrop, HorizontalFlip, ColorJitter>;

/// For pictures: crop of a fifth or more of the area, flip, colour jitter, and each cell of 8 x 8 removed one
/// time in ten. @throws InvalidArgument where count is under 1
[[nodiscard]] Augmentation<Reference> reference(const AugmentationOptions& options = {});

/// The reference without removal: every copy shows a whole window of the picture. @throws as reference
[[nodiscard]] Augmentation<CropAndJitter> crop_and_jitter(const AugmentationOptions& options = {});

/// Removal alone: what remains stays in its place and colour. @throws as reference
[[nodiscard]] Augmentation<RandomRemove> random_remove(const AugmentationOptions& options = {});

/// For inputs that are no pictures: noise of a tenth of a unit. @throws as reference
[[nodiscard]] Augmentation<GaussianNoise> noise(const AugmentationOptions& options = {});

} // namespace spade::augmenters
