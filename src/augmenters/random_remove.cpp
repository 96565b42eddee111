// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/augmenters/random_remove.hpp>

#include "augmenters/picture_elements.hpp"
#include "augmenters/step_checks.hpp"

namespace spade::augmenters {

RandomRemove::RandomRemove(const Options& options) : options_(options) {
  if (options.cells < 1)
    throw InvalidArgument(message("RandomRemove: a grid of ", options.cells, " cells; at least 1"));
  check_probability(options.probability, "RandomRemove");
  check_value(options.value, "RandomRemove");
}

at::Tensor RandomRemove::operator()(const at::Tensor& copy, RandomStream& stream,
                                    const InputSpace& space) const {
  check_picture(copy, space, "RandomRemove");
  const auto value = fill_value(options_.value, copy.size(0), space, "RandomRemove");
  auto removed = copy.contiguous().clone();
  const auto edge = [this](std::int64_t cell, std::int64_t extent) { return cell * extent / options_.cells; };
  for (std::int64_t i = 0; i < options_.cells; ++i) {
    for (std::int64_t j = 0; j < options_.cells; ++j) {
      if (!stream.bernoulli(options_.probability)) continue;
      const auto top = edge(i, copy.size(1));
      const auto left = edge(j, copy.size(2));
      fill(removed, {top, left, edge(i + 1, copy.size(1)) - top, edge(j + 1, copy.size(2)) - left}, value);
    }
  }
  return removed;
}

std::string RandomRemove::name() const {
  return message("random remove (", options_.cells, " x ", options_.cells, " cells, ", options_.probability,
                 ")");
}

} // namespace spade::augmenters
