// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/Parallel.h>

#include <spade/core/parallel.hpp>

namespace spade::benchmarks {

/// While it lives, LibTorch's operators and spade's own use so many threads, 0 for all processors that may be used.
class ThreadLimit {
public:
  explicit ThreadLimit(int count) {
    spade::set_thread_count(count);
    at::set_num_threads(spade::thread_count());
  }
  ~ThreadLimit() {
    spade::set_thread_count(0);
    at::set_num_threads(before_);
  }
  ThreadLimit(const ThreadLimit&) = delete;
  ThreadLimit& operator=(const ThreadLimit&) = delete;

private:
  int before_ = at::get_num_threads();
};

} // namespace spade::benchmarks
