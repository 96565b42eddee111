// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace spade {

/// Where the elements of an array lie.
struct Device {
  enum class Kind { Cpu, Cuda };

  Kind kind = Kind::Cpu;
  int index = 0; ///< which one, for kinds of which a machine may have several

  friend bool operator==(const Device&, const Device&) = default;
};

/// "cpu", or "cuda:1".
[[nodiscard]] inline std::string to_string(const Device& device) {
  return device.kind == Device::Kind::Cpu ? "cpu" : "cuda:" + std::to_string(device.index);
}

} // namespace spade
