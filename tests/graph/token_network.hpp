// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// A small network on tokens: embedding, position, attention, layer norm, an activated block, a head.
#pragma once

#include <cstdint>
#include <string>

#include <ATen/core/Tensor.h>

#include "graph/scripted.hpp"

namespace spade::testing {

/// Ids [N, T] below 20 -> scores [N, 3]. Width 8, at most 12 positions.
[[nodiscard]] Scripted token_network(at::ScalarType type = at::kFloat);

/// The same tensors under another forward method, which sees token.weight [20, 8], segment.weight [2, 8],
/// position [12, 8] and head.weight [3, 8].
[[nodiscard]] Scripted token_network(const std::string& forward, at::ScalarType type = at::kFloat);

/// [N, T], different in every row.
[[nodiscard]] at::Tensor token_ids(std::int64_t samples, std::int64_t positions);

} // namespace spade::testing
