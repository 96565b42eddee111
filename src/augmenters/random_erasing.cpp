// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/augmenters/random_erasing.hpp>

#include <limits>

#include "augmenters/picture_elements.hpp"
#include "augmenters/step_checks.hpp"

namespace spade::augmenters {

RandomErasing::RandomErasing(const Options& options) : options_(options) {
  check_probability(options.probability, "RandomErasing");
  check_range(options.scale, 1, "RandomErasing", "scale");
  check_range(options.ratio, std::numeric_limits<double>::max(), "RandomErasing", "ratio");
  check_value(options.value, "RandomErasing");
}

at::Tensor RandomErasing::operator()(const at::Tensor& copy, RandomStream& stream,
                                     const InputSpace& space) const {
  check_picture(copy, space, "RandomErasing");
  const auto value = fill_value(options_.value, copy.size(0), space, "RandomErasing");
  if (!stream.bernoulli(options_.probability)) return copy;
  const auto window = random_window({copy.size(1), copy.size(2)}, {copy.size(1) - 1, copy.size(2) - 1},
                                    options_.scale, options_.ratio, stream);
  if (!window) return copy;
  auto erased = copy.contiguous().clone();
  fill(erased, *window, value);
  return erased;
}

std::string RandomErasing::name() const {
  return message("random erasing (", options_.probability, ", scale ", range_text(options_.scale), ", ratio ",
                 range_text(options_.ratio), ")");
}

} // namespace spade::augmenters
