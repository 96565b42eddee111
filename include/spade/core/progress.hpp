// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string_view>

namespace spade {

/// How a long operation tells how far it is, and learns that it should stop.
///
/// `report(stage, done, total)` is called from the calling thread between units of work; `stop` is looked at
/// in the same places. Both may be left empty.
struct Progress {
  std::function<void(std::string_view stage, std::int64_t done, std::int64_t total)> report{};
  std::stop_token stop{};

  /// Reports, after checking that nobody asked to stop. @throws Interrupted
  void operator()(std::string_view stage, std::int64_t done, std::int64_t total) const;
};

} // namespace spade
