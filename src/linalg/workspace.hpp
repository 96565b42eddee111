// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

namespace spade::linalg {

/// Memory for packed matrices: aligned to a cache line, not initialised.
template <class T> class Workspace {
public:
  explicit Workspace(std::int64_t elements)
      : data_(static_cast<T*>(::operator new(static_cast<std::size_t>(elements) * sizeof(T), alignment))) {}

  [[nodiscard]] T* data() const { return data_.get(); }

private:
  static constexpr std::align_val_t alignment{64};
  struct Free {
    void operator()(T* address) const { ::operator delete(address, alignment); }
  };
  std::unique_ptr<T, Free> data_;
};

} // namespace spade::linalg
