// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/core/progress.hpp>

#include <spade/core/error.hpp>

namespace spade {

void Progress::operator()(std::string_view stage, std::int64_t done, std::int64_t total) const {
  if (stop.stop_requested())
    throw Interrupted(message("stopped on request during ", stage, " (", done, " of ", total, ")"));
  if (report) report(stage, done, total);
}

} // namespace spade
