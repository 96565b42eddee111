// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
/// Every augmenter, and the compositions by name.
#pragma once

#include <spade/augmenter.hpp>
#include <spade/augmenters/color.hpp>
#include <spade/augmenters/color_jitter.hpp>
#include <spade/augmenters/gaussian_noise.hpp>
#include <spade/augmenters/horizontal_flip.hpp>
#include <spade/augmenters/identity.hpp>
#include <spade/augmenters/random_erasing.hpp>
#include <spade/augmenters/random_remove.hpp>
#include <spade/augmenters/random_resized_crop.hpp>
#include <spade/augmenters/reference.hpp>
#include <spade/augmenters/resample.hpp>
#include <spade/augmenters/sequence.hpp>
#include <spade/augmenters/token_dropout.hpp>
