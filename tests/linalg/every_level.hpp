// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include <spade/linalg/instruction_set.hpp>

namespace spade::tests {

/// Iterates over the instruction sets this processor runs, each in force during its turn:
/// `for (const auto level : EveryLevel()) ...`; the default returns when it goes.
class EveryLevel {
public:
  EveryLevel() {
    using linalg::InstructionSet;
    for (const auto level :
         {InstructionSet::Baseline, InstructionSet::X86_64_v3, InstructionSet::X86_64_v4}) {
      if (linalg::supported(level)) levels_.push_back(level);
    }
  }
  ~EveryLevel() { linalg::set_instruction_set(std::nullopt); }
  EveryLevel(const EveryLevel&) = delete;
  EveryLevel& operator=(const EveryLevel&) = delete;

  class Iterator {
  public:
    explicit Iterator(std::vector<linalg::InstructionSet>::const_iterator at) : at_(at) {}
    linalg::InstructionSet operator*() const {
      linalg::set_instruction_set(*at_);
      return *at_;
    }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return at_ != other.at_; }

  private:
    std::vector<linalg::InstructionSet>::const_iterator at_;
  };
  [[nodiscard]] Iterator begin() const { return Iterator(levels_.begin()); }
  [[nodiscard]] Iterator end() const { return Iterator(levels_.end()); }

private:
  std::vector<linalg::InstructionSet> levels_;
};

} // namespace spade::tests
