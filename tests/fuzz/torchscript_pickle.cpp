// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Any bytes as the pickle of a TorchScript archive that is otherwise sound. An Error is an answer; anything else,
// a crash, or memory without bound, is a finding.
#include <cstddef>
#include <cstdint>

#include "fuzz/small_script.hpp"

extern "C" const char* __asan_default_options() {
  return "allocator_may_return_null=1:max_allocation_size_mb=512:detect_leaks=0";
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace spade::testing;
  load_with(pickle_of, data, size); // every weight is read to see whether it is finite
  return 0;
}
