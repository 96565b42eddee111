// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

namespace spade::linalg {

/// Instruction sets that the matrix kernels are compiled for; the numbers are those of the x86-64 ABI
/// supplement.
enum class InstructionSet {
  Baseline,  ///< what the compiler targets by default: SSE2 on x86-64, NEON on AArch64
  X86_64_v3, ///< AVX2 and FMA: vectors of 32 bytes
  X86_64_v4  ///< AVX-512: vectors of 64 bytes
};

/// "baseline", "x86-64-v3" or "x86-64-v4".
[[nodiscard]] std::string to_string(InstructionSet set);

/// Whether this build holds kernels for the set and this processor runs them.
[[nodiscard]] bool supported(InstructionSet set);

/// The set in use: the one chosen, or else the widest that is supported.
[[nodiscard]] InstructionSet instruction_set();

/// Chooses the set for the process, for tests, comparisons, and equal bits on unequal machines (different
/// sets round differently); `std::nullopt` returns to the default. Not to be called while a solver runs.
/// @throws NotCompiled where this build or processor does not support it
void set_instruction_set(std::optional<InstructionSet> set);

} // namespace spade::linalg
