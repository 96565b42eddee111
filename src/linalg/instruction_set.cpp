// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/linalg/instruction_set.hpp>

#include <atomic>

#include <spade/core/error.hpp>

#include "linalg/kernels.hpp"

namespace spade::linalg {
namespace {

const KernelTable& table_of(InstructionSet set) {
#ifdef SPADE_X86_64_LEVELS
  if (set == InstructionSet::X86_64_v4) return kernels_x86_64_v4;
  if (set == InstructionSet::X86_64_v3) return kernels_x86_64_v3;
#endif
  (void)set;
  return kernels_baseline;
}

InstructionSet widest() {
  if (supported(InstructionSet::X86_64_v4)) return InstructionSet::X86_64_v4;
  if (supported(InstructionSet::X86_64_v3)) return InstructionSet::X86_64_v3;
  return InstructionSet::Baseline;
}

// -1: not chosen.
std::atomic<int> chosen{-1};

} // namespace

std::string to_string(InstructionSet set) {
  if (set == InstructionSet::X86_64_v4) return "x86-64-v4";
  return set == InstructionSet::X86_64_v3 ? "x86-64-v3" : "baseline";
}

bool supported(InstructionSet set) {
  if (set == InstructionSet::Baseline) return true;
#ifdef SPADE_X86_64_LEVELS
  if (set == InstructionSet::X86_64_v4) return __builtin_cpu_supports("x86-64-v4") != 0;
  if (set == InstructionSet::X86_64_v3) return __builtin_cpu_supports("x86-64-v3") != 0;
#endif
  return false;
}

InstructionSet instruction_set() {
  static const InstructionSet best = widest();
  const int set = chosen.load(std::memory_order_relaxed);
  return set < 0 ? best : static_cast<InstructionSet>(set);
}

void set_instruction_set(std::optional<InstructionSet> set) {
  if (set && !supported(*set)) {
    throw NotCompiled(
        message("set_instruction_set: ", to_string(*set),
                " is not in this build, or this processor does not run it; the widest that is: ",
                to_string(widest())));
  }
  chosen = set ? static_cast<int>(*set) : -1;
}

const KernelTable& kernel_table() {
  return table_of(instruction_set());
}

template <> const Kernels<float>& kernels<float>() {
  return kernel_table().single;
}

template <> const Kernels<double>& kernels<double>() {
  return kernel_table().twice;
}

} // namespace spade::linalg
