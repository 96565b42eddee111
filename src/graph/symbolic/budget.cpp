// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "budget.hpp"

#include <algorithm>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <spade/core/error.hpp>

namespace spade::graph::symbolic {
namespace {

/// Released bytes after which holes are given back.
constexpr std::size_t most_released = std::size_t{256} << 20;

/// The nodes that are recorded lie between the values that the example lets go of, and glibc fits no value of
/// the same size into what one leaves.
void give_back_holes() {
#ifdef __GLIBC__
  (void)malloc_trim(0);
#endif
}

} // namespace

Budget::Budget(std::size_t example_bytes, const Limits& limits)
    : most_operators_(limits.operators),
      most_bytes_(std::max(limits.bytes, example_bytes * limits.bytes_per_example_byte)) {}

void Budget::record(const std::string& where) {
  if (*released_ > most_released) {
    give_back_holes();
    *released_ = 0;
  }
  if (++operators_ <= most_operators_) return;
  throw UnsupportedOperator(message(
      where, " comes after ", most_operators_, " operators on tensors, and networks have some thousand: ",
      "does the network loop for ever? One that must take so many steps is not explained; export it ",
      "with fewer"));
}

std::shared_ptr<const void> Budget::hold(std::size_t bytes, const std::string& where) {
  if (bytes > most_bytes_ - *held_) {
    constexpr std::size_t mib = std::size_t{1} << 20;
    throw UnsupportedOperator(message(
        where, " adds ", bytes / mib, " MiB to the ", *held_ / mib,
        " MiB of values that the network holds for the example; ", most_bytes_ / mib,
        " MiB are the most. Load it with a smaller example (one sample), or export it without what it ",
        "gathers"));
  }
  *held_ += bytes;
  return {nullptr, [held = held_, released = released_, bytes](const void*) {
            *held -= bytes;
            *released += bytes;
          }};
}

} // namespace spade::graph::symbolic
