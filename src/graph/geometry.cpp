// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "geometry.hpp"

#include <algorithm>

#include <spade/core/error.hpp>
#include <spade/core/tensor_view.hpp>

namespace spade::graph {
namespace {

// What a tensor that reads the same bytes many times (a stride of 0) may amount to.
constexpr std::int64_t largest_repetition = std::int64_t{1} << 30;

/// a * b + c; false where it leaves 64 bits.
bool multiply_add(std::int64_t a, std::int64_t b, std::int64_t c, std::int64_t& result) {
  std::int64_t product = 0;
  return !__builtin_mul_overflow(a, b, &product) && !__builtin_add_overflow(product, c, &result);
}

} // namespace

void check_inside(const Geometry& geometry, std::int64_t bytes, const std::string& where) {
  const auto refuse = [&](const std::string& why) {
    throw FileError(message(where, ", ", shape_text(geometry.sizes), " of type ",
                            c10::toString(geometry.type), " with strides ", shape_text(geometry.strides),
                            " from element ", geometry.offset, ", ", why,
                            "; the file is damaged, so save it again"));
  };
  if (geometry.sizes.size() != geometry.strides.size()) refuse("has not a stride for each dimension");
  if (geometry.sizes.size() > most_dimensions) refuse("has over 64 dimensions");
  const auto negative = [](std::int64_t value) { return value < 0; };
  if (geometry.offset < 0 || std::ranges::any_of(geometry.sizes, negative) ||
      std::ranges::any_of(geometry.strides, negative)) {
    refuse("has negative numbers");
  }
  std::int64_t count = 1;
  for (const auto size : geometry.sizes) {
    if (!multiply_add(count, size, 0, count)) refuse("has more elements than 64 bits count");
  }
  if (count == 0) return;
  const auto element = static_cast<std::int64_t>(c10::elementSize(geometry.type));
  std::int64_t end = geometry.offset;
  for (std::size_t d = 0; d < geometry.sizes.size(); ++d) {
    if (!multiply_add(geometry.sizes[d] - 1, geometry.strides[d], end, end))
      refuse("reaches further than 64 bits count");
  }
  std::int64_t end_byte = 0;
  if (!multiply_add(end, element, element, end_byte) || end_byte > bytes)
    refuse(message("does not lie inside its stored ", bytes, " bytes"));
  std::int64_t taken = 0;
  if (!multiply_add(count, element, 0, taken) || taken > std::max(bytes, largest_repetition))
    refuse(message("repeats its ", bytes, " bytes too often"));
}

} // namespace spade::graph
