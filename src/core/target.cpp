// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/core/target.hpp>

#include <spade/core/error.hpp>

namespace spade {

std::vector<std::int64_t> Target::per_sample(std::int64_t samples, std::int64_t classes) const {
  if (indices_.size() != 1 && static_cast<std::int64_t>(indices_.size()) != samples) {
    throw ShapeMismatch(message("Target: ", indices_.size(), " class indices for ", samples,
                                " samples; give one for all or one for each"));
  }
  for (const auto index : indices_) {
    if (index < 0 || index >= classes) {
      throw InvalidArgument(message("Target: class ", index, " is outside the network's ", classes,
                                    " outputs, 0 to ", classes - 1));
    }
  }
  return indices_.size() == 1 ? std::vector<std::int64_t>(static_cast<std::size_t>(samples), indices_[0])
                              : indices_;
}

} // namespace spade
