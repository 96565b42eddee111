// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace c10 {
struct Allocator;
}

namespace spade::benchmarks {

/// Counts the bytes of the tensors on the CPU that LibTorch makes while it lives, of all threads. What was there
/// before is not counted, nor when it goes. One at a time.
class LiveMemory {
public:
  LiveMemory();
  ~LiveMemory();
  LiveMemory(const LiveMemory&) = delete;
  LiveMemory& operator=(const LiveMemory&) = delete;

  /// The most bytes that were there at once.
  [[nodiscard]] std::int64_t peak() const;

private:
  c10::Allocator* before_;
};

} // namespace spade::benchmarks
