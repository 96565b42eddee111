// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/augmenters/horizontal_flip.hpp>

#include <algorithm>

#include "augmenters/picture_elements.hpp"
#include "augmenters/step_checks.hpp"

namespace spade::augmenters {

HorizontalFlip::HorizontalFlip(double probability) : probability_(probability) {
  check_probability(probability, "HorizontalFlip");
}

at::Tensor HorizontalFlip::operator()(const at::Tensor& copy, RandomStream& stream,
                                      const InputSpace& space) const {
  check_picture(copy, space, "HorizontalFlip");
  if (!stream.bernoulli(probability_)) return copy;
  const auto from = copy.contiguous();
  auto flipped = at::empty_like(from);
  const auto width = copy.size(2);
  with_element_type(from, [&](auto element) {
    using T = decltype(element);
    const T* row = from.data_ptr<T>();
    T* to = flipped.data_ptr<T>();
    for (const T* end = row + from.numel(); row != end; row += width)
      to = std::reverse_copy(row, row + width, to);
  });
  return flipped;
}

std::string HorizontalFlip::name() const {
  return message("horizontal flip (", probability_, ")");
}

} // namespace spade::augmenters
