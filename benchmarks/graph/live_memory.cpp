// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/live_memory.hpp"

#include <atomic>
#include <cstddef>
#include <cstring>
#include <limits>

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <malloc.h>

namespace spade::benchmarks {
namespace {

std::atomic<std::int64_t> in_use{0};
std::atomic<std::int64_t> most{0};
c10::Allocator* counted = nullptr; ///< LibTorch's own, which gives the memory

void release(void* address) {
  in_use -= static_cast<std::int64_t>(malloc_usable_size(address));
  counted->raw_deallocate(address);
}

/// LibTorch's allocator with a count. Whether its functions are const changed between versions of LibTorch, so
/// there are both, and none says override.
class CountingAllocator : public c10::Allocator {
public:
  c10::DataPtr allocate(std::size_t size) const { return count(size); }
  c10::DataPtr allocate(std::size_t size) { return count(size); }
  c10::DeleterFnPtr raw_deleter() const { return &release; }
  void copy_data(void* to, const void* from, std::size_t size) const { std::memcpy(to, from, size); }

private:
  static c10::DataPtr count(std::size_t size) {
    void* address = counted->raw_allocate(size);
    const auto now = in_use += static_cast<std::int64_t>(malloc_usable_size(address));
    auto peak = most.load();
    while (now > peak && !most.compare_exchange_weak(peak, now)) {
    }
    return {address, address, &release, c10::Device(c10::DeviceType::CPU)};
  }
};

CountingAllocator& allocator() {
  static CountingAllocator one; // tensors may outlive the count
  return one;
}

constexpr auto priority = std::numeric_limits<std::uint8_t>::max();

} // namespace

LiveMemory::LiveMemory() : before_(c10::GetAllocator(c10::DeviceType::CPU)) {
  counted = before_;
  in_use = 0;
  most = 0;
  c10::SetAllocator(c10::DeviceType::CPU, &allocator(), priority);
}

LiveMemory::~LiveMemory() {
  c10::SetAllocator(c10::DeviceType::CPU, before_, priority);
}

std::int64_t LiveMemory::peak() const {
  return most;
}

} // namespace spade::benchmarks
