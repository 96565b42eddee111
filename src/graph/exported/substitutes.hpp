// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "operators.hpp"

namespace spade::graph::exported {

/// For operators that LibTorch 1.13 does not have yet: the same function, from operators that it has. Results
/// differ by rounding where the newer operator is a fused kernel (scaled_dot_product_attention).
[[nodiscard]] std::optional<Operator> find_substitute(const std::string& name, const std::string& overload);

} // namespace spade::graph::exported
