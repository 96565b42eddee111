// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Replaces the program's operators new and delete. The forms that are not here call these.
#include "memory/counted_memory.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

#include <malloc.h>

namespace {

std::atomic<std::size_t> in_use{0};
std::atomic<std::size_t> peak{0};

void* counted(void* address) {
  if (address == nullptr) throw std::bad_alloc();
  const std::size_t now = in_use += malloc_usable_size(address);
  std::size_t most = peak;
  while (now > most && !peak.compare_exchange_weak(most, now)) {
  }
  return address;
}

void release(void* address) {
  if (address == nullptr) return;
  in_use -= malloc_usable_size(address);
  std::free(address);
}

} // namespace

void* operator new(std::size_t size) {
  return counted(std::malloc(size == 0 ? 1 : size));
}

void* operator new(std::size_t size, std::align_val_t alignment) {
  const auto step = static_cast<std::size_t>(alignment);
  return counted(std::aligned_alloc(step, (size + step - 1) / step * step));
}

void operator delete(void* address) noexcept {
  release(address);
}

void operator delete(void* address, std::size_t) noexcept {
  release(address);
}

void operator delete(void* address, std::align_val_t) noexcept {
  release(address);
}

void operator delete(void* address, std::size_t, std::align_val_t) noexcept {
  release(address);
}

namespace spade::tests {

std::size_t bytes_in_use() {
  return in_use;
}

std::size_t peak_bytes() {
  return peak;
}

void forget_peak() {
  peak = in_use.load();
}

} // namespace spade::tests
