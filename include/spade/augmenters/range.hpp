// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace spade::augmenters {

/// The bounds between which a step draws.
struct Range {
  double low = 0;
  double high = 1;
};

} // namespace spade::augmenters
