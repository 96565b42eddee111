// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include <spade/core/progress.hpp>

namespace spade {

/// Which inputs a layer is pruned on.
enum class Propagation {
  /// Those it has in the dense network, as in the paper: min ||W X - W' X||^2. Layers do not depend on each
  /// other, and their errors add up.
  Independent,
  /// Those it has once the layers before it are pruned, Y, while its target stays what the dense network
  /// computes: min ||W X - W' Y||^2, so that each layer makes up for the errors before it. A layer that one pass
  /// applies several times is pruned where it is first needed, on the inputs of that use alone.
  Sequential
};

/// "independent" or "sequential".
[[nodiscard]] std::string to_string(Propagation propagation);

/// How a trace is computed.
struct TraceOptions {
  /// Memory for Gram matrices at one time, in bytes; where the layers need more, the copies run several
  /// times (Independent). Does not change the result.
  std::int64_t statistics_bytes = std::int64_t{2} << 30;
  /// How many positions of the copies a layer's statistics use, per column of its weight
  /// (statistics::GramAccumulator); 0: all, as in the paper. With 16 the errors of what is pruned are within
  /// 3 % of those with all, and a ResNet-50's trace of 1024 copies at 224 pixels takes 1.5 times its forward
  /// passes instead of twice (docs/performance.md).
  std::int64_t positions_per_column = 16;
  Propagation propagation = Propagation::Independent;
  /// Sequential: how strongly a layer's weights are held where the copies say little, as a fraction of the
  /// Gram matrix's mean diagonal (statistics::Targets::retarget).
  double target_damping = 1e-2;
  Progress progress{}; ///< `done` counts copies and layers towards one total
};

} // namespace spade
