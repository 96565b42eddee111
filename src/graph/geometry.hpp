// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <c10/core/ScalarType.h>

namespace spade::graph {

/// A tensor with more is in no file that PyTorch wrote: its operators take no more.
inline constexpr std::size_t most_dimensions = 64;

/// How a tensor lies in its storage, in elements.
struct Geometry {
  at::ScalarType type;
  std::vector<std::int64_t> sizes;
  std::vector<std::int64_t> strides;
  std::int64_t offset = 0;
};

/// Checks what a file says of a tensor against its storage of so many bytes: no negative numbers, every element
/// inside, and not so many of them at the same place that the tensor amounts to over 1 GiB.
/// @param where  the tensor in messages
/// @throws FileError
void check_inside(const Geometry& geometry, std::int64_t bytes, const std::string& where);

} // namespace spade::graph
