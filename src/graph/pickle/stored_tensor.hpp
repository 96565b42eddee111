// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// What torch.save and torch.jit.save write of a tensor.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "../geometry.hpp"
#include "unpickler.hpp"

namespace spade::graph::pickle {

/// The type of a storage's elements: of "torch FloatStorage", float32.
[[nodiscard]] std::optional<at::ScalarType> storage_type(const std::string& global);

/// The entry of the archive that holds a storage, and what it should have.
struct StoredStorage {
  at::ScalarType type;
  std::string key; ///< its name in its folder
  std::int64_t count = 0;
};

/// Reads the persistent id ('storage', type, key, device, count). @throws what the vocabulary fails with
[[nodiscard]] StoredStorage read_storage(const Vocabulary& vocabulary, const std::vector<Item*>& id);

/// A tuple of integers.
[[nodiscard]] std::vector<std::int64_t> read_integers(const Vocabulary& vocabulary, const Item& tuple);

/// Reads the arguments (storage, offset, sizes, strides, ...) of a function that makes a tensor.
[[nodiscard]] Geometry read_geometry(const Vocabulary& vocabulary, const std::vector<Item*>& arguments);

} // namespace spade::graph::pickle
