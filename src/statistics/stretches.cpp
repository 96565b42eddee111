// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "stretches.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace spade::statistics {
namespace {

/// A pair of elements and the pixels that its first one sees while both are on the input.
struct Overlap {
  std::array<std::int64_t, 2> pair;
  std::int64_t begin = 0;
  std::int64_t end = 0; ///< one step past the last
};

/// The first output position at which an element that starts at pixel `start` is at or past pixel `pixel`.
std::int64_t first_output(std::int64_t start, std::int64_t stride, std::int64_t pixel) {
  return start >= pixel ? 0 : (pixel - start + stride - 1) / stride;
}

} // namespace

std::vector<Stretch> stretches(const Window3& window, std::size_t dimension, std::int64_t extent,
                               std::int64_t outputs) {
  const std::int64_t stride = window.stride[dimension];
  const auto start = [&](std::int64_t element) {
    return element * window.dilation[dimension] - window.padding_begin[dimension];
  };
  // Pairs can only share sums where the shift is the same and, with a stride, the pixels are the same ones of
  // it.
  std::map<std::pair<std::int64_t, std::int64_t>, std::vector<Overlap>> overlaps;
  for (std::int64_t u = 0; u < window.kernel[dimension]; ++u) {
    for (std::int64_t v = 0; v < window.kernel[dimension]; ++v) {
      const std::int64_t begin =
          std::max(first_output(start(u), stride, 0), first_output(start(v), stride, 0));
      const std::int64_t end =
          std::min({outputs, first_output(start(u), stride, extent), first_output(start(v), stride, extent)});
      if (begin >= end) continue;
      const std::int64_t residue = ((start(u) % stride) + stride) % stride;
      overlaps[{start(v) - start(u), residue}].push_back(
          {{u, v}, start(u) + begin * stride, start(u) + end * stride});
    }
  }
  std::vector<Stretch> result;
  for (const auto& [key, group] : overlaps) {
    std::set<std::int64_t> cuts;
    for (const auto& overlap : group) {
      cuts.insert(overlap.begin);
      cuts.insert(overlap.end);
    }
    for (auto cut = cuts.begin(); std::next(cut) != cuts.end(); ++cut) {
      Stretch stretch{*cut, (*std::next(cut) - *cut) / stride, stride, key.first};
      for (const auto& overlap : group) {
        if (overlap.begin <= *cut && *cut < overlap.end) stretch.pairs.push_back(overlap.pair);
      }
      if (!stretch.pairs.empty()) result.push_back(std::move(stretch));
    }
  }
  return result;
}

std::vector<std::vector<StretchBox>> boxes_by_shift(const Window3& window, const LayerInput& input) {
  std::array<std::vector<Stretch>, 3> dimensions;
  for (std::size_t d = 0; d < 3; ++d)
    dimensions[d] = stretches(window, d, input.extents[d], input.outputs[d]);
  std::map<std::array<std::int64_t, 3>, std::vector<StretchBox>> groups;
  for (const auto& z : dimensions[0]) {
    for (const auto& y : dimensions[1]) {
      for (const auto& x : dimensions[2])
        groups[{z.shift, y.shift, x.shift}].push_back({z, y, x});
    }
  }
  std::vector<std::vector<StretchBox>> result;
  for (auto& [shift, boxes] : groups)
    result.push_back(std::move(boxes));
  return result;
}

} // namespace spade::statistics
