// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace spade::tests {

/// Bytes that operator new has given out in this program and not got back, and the most there ever were since
/// `forget_peak`. Counted are the blocks as the allocator rounds them.
[[nodiscard]] std::size_t bytes_in_use();
[[nodiscard]] std::size_t peak_bytes();
void forget_peak();

} // namespace spade::tests
