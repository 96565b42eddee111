// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/augmenters/step.hpp>

#include <algorithm>

#include <c10/core/GradMode.h>

#include <spade/core/parallel.hpp>

#include "augmenters/picture_elements.hpp"

namespace spade::augmenters {
namespace {

// What all copies start from: float or double, contiguous, on the CPU.
at::Tensor starting_copy(const Sample& sample, bool full_resolution) {
  auto start = !sample.picture() ? sample.input()[0]
               : full_resolution ? *sample.picture()
                                 : sample.preprocess().resize_and_crop(*sample.picture())[0];
  start = start.to(at::kCPU);
  if (start.scalar_type() != at::kDouble) start = start.to(at::kFloat);
  return start.contiguous();
}

void check_copy(const at::Tensor& copy, const at::Tensor& start, const InputSpace& space) {
  if (!copy.defined() || copy.sizes() != at::IntArrayRef(space.shape)) {
    throw ShapeMismatch(message("an augmented copy has the shape ",
                                copy.defined() ? shape_text(copy) : "of an undefined tensor",
                                " where the network's input is ", spade::shape_text(space.shape)));
  }
  if (copy.scalar_type() != start.scalar_type() || !copy.device().is_cpu()) {
    throw InvalidArgument(message("an augmented copy is ", c10::toString(copy.scalar_type()), " on ",
                                  copy.device().str(), " where it was given as ",
                                  c10::toString(start.scalar_type()), " on the CPU"));
  }
}

// (x - mean) / deviation per channel, rounded as Preprocess::normalise rounds; a plain copy without a
// normalisation.
template <class T> void finish(const at::Tensor& copy, const Preprocess& preprocess, T* to) {
  const auto elements = copy.contiguous();
  const T* from = elements.data_ptr<T>();
  const auto channels = static_cast<std::int64_t>(preprocess.mean.size());
  if (channels == 0) {
    std::copy_n(from, elements.numel(), to);
    return;
  }
  const auto pixels = elements.numel() / channels;
  for (std::int64_t c = 0; c < channels; ++c) {
    const auto mean = static_cast<T>(preprocess.mean[static_cast<std::size_t>(c)]);
    const auto deviation = static_cast<T>(preprocess.deviation[static_cast<std::size_t>(c)]);
    for (std::int64_t i = 0; i < pixels; ++i)
      to[c * pixels + i] = (from[c * pixels + i] - mean) / deviation;
  }
}

} // namespace

at::Tensor draw_copies(const Sample& sample, std::int64_t count, Rng& rng, bool full_resolution,
                       const CopyTransform& transform) {
  if (count < 1)
    throw InvalidArgument(message("the number of augmented copies is ", count, "; draw at least 1"));
  const auto& input = sample.input();
  InputSpace space;
  space.shape = input.sizes().slice(1).vec();
  space.pixels = sample.picture().has_value();
  if (space.pixels) space.neutral = sample.preprocess().mean;
  const auto start = starting_copy(sample, full_resolution);

  std::vector<RandomStream> streams;
  streams.reserve(static_cast<std::size_t>(count));
  for (std::int64_t k = 0; k < count; ++k)
    streams.push_back(rng.next());

  auto shape = input.sizes().vec();
  shape[0] = count;
  auto batch = at::empty(shape, start.options());
  const auto copy_size = input.numel();
  with_element_type(batch, [&](auto element) {
    using T = decltype(element);
    T* data = batch.data_ptr<T>();
    parallel_for(count, 1, [&](std::int64_t begin, std::int64_t end) {
      const c10::NoGradGuard no_history;
      for (std::int64_t k = begin; k < end; ++k) {
        const auto copy = transform(start, streams[static_cast<std::size_t>(k)], space);
        check_copy(copy, start, space);
        finish(copy, sample.preprocess(), data + k * copy_size);
      }
    });
  });
  return batch.to(input.options());
}

} // namespace spade::augmenters
