// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace spade::linalg {

/// Memory for packed matrices and factors: aligned to a cache line, not initialised.
///
/// Megabytes of it are aligned to 2 MB and asked for in pages of that size: a tile of a large matrix has
/// every row in another small page, and first use of each costs as much as some thousand multiply-adds.
template <class T> class Workspace {
public:
  explicit Workspace(std::int64_t elements)
      : Workspace(Bytes{static_cast<std::size_t>(elements) * sizeof(T)}) {}

  [[nodiscard]] T* data() const { return data_.get(); }

private:
  static constexpr std::size_t cache_line = 64;
  static constexpr std::size_t huge_page = std::size_t{1} << 21U;

  struct Free {
    std::align_val_t alignment;
    void operator()(T* address) const { ::operator delete(address, alignment); }
  };

  struct Bytes {
    std::size_t count;
  };

  explicit Workspace(Bytes size)
      : data_(nullptr, Free{std::align_val_t{size.count < 2 * huge_page ? cache_line : huge_page}}) {
    data_.reset(static_cast<T*>(::operator new(size.count, data_.get_deleter().alignment)));
#ifdef __linux__
    // Only advice: where it is not taken, the memory is the same.
    if (size.count >= 2 * huge_page)
      (void)::madvise(data_.get(), size.count / huge_page * huge_page, MADV_HUGEPAGE);
#endif
  }

  std::unique_ptr<T, Free> data_;
};

} // namespace spade::linalg
