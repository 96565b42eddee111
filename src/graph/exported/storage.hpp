// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <string>

#include <ATen/core/Tensor.h>
#include <c10/core/Storage.h>

#include "../geometry.hpp"

namespace spade::graph::exported {

/// Tensors by their names in the model.
using NamedTensors = std::map<std::string, at::Tensor>;

/// Bytes of a mapped file, and what keeps the mapping alive.
struct MappedBytes {
  std::span<std::byte> bytes;
  std::shared_ptr<const void> owner;
};

/// A storage over mapped bytes: shared where they are aligned to 64 bytes, which LibTorch's kernels count on
/// (the same bits for the same numbers), else copied.
[[nodiscard]] c10::Storage storage_of(const MappedBytes& mapped);

/// A leaf over a storage. `where` names the tensor in messages.
/// @throws FileError where the geometry does not lie inside the storage
[[nodiscard]] at::Tensor tensor_in(const c10::Storage& storage, const Geometry& geometry, bool requires_grad,
                                   const std::string& where);

} // namespace spade::graph::exported
