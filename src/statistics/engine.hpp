// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// The ways to gather a Gram matrix; GramAccumulator chooses one for its layer.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "window_positions.hpp"

namespace spade::statistics {

/// Which positions of a copy are used: all, or some drawn for each copy by its number.
struct PositionSampling {
  std::int64_t per_copy = 0; ///< 0: all
  std::uint64_t seed = 0;

  /// About `per_column` positions per column of the weight over all copies, where a copy has more; 0: all.
  [[nodiscard]] static PositionSampling of(std::int64_t per_column, std::int64_t columns, std::int64_t copies,
                                           std::int64_t positions, std::uint64_t seed);

  /// All positions of a copy over the used ones: what sums over these are multiplied by.
  [[nodiscard]] double scale(std::int64_t positions) const {
    return per_copy > 0 ? static_cast<double>(positions) / static_cast<double>(per_copy) : 1.0;
  }

  /// How many positions of a copy with so many are used.
  [[nodiscard]] std::int64_t used(std::int64_t positions) const {
    return per_copy > 0 ? per_copy : positions;
  }

  /// The positions of one copy in rising order; a position may come twice.
  void draw(std::int64_t copy, std::int64_t positions, std::vector<std::int64_t>& result) const;
};

/// Sums x x^T over positions, for every group of one layer and one of its uses.
class Engine {
public:
  virtual ~Engine() = default;
  /// Takes copies `first_copy`, `first_copy + 1`, ...; the element type and shape are those of the calls
  /// before.
  virtual void add(const LayerInput& input, std::int64_t first_copy) = 0;
  /// Adds `factor` times what was gathered to `sums`: [G, C, C], lower triangles only, or [G, C].
  virtual void finish(std::span<double> sums, double factor) = 0;
};

/// im2col in panels, and a rank update of the lower triangle for each.
[[nodiscard]] std::unique_ptr<Engine> panel_engine(const Layer& layer, const Window3& window, ScalarType type,
                                                   PositionSampling sampling);
/// Squared norms of the columns only.
[[nodiscard]] std::unique_ptr<Engine> diagonal_engine(const Layer& layer, const Window3& window,
                                                      PositionSampling sampling);

/// Products of shifted planes, which kernel elements share (see shift_engine.cpp), for whole and depthwise
/// convolutions.
/// @param like    the first input; only its shape and type matter
/// @param copies  how many will come, 0 where that is not known
[[nodiscard]] std::unique_ptr<Engine> shift_engine(const Layer& layer, const Window3& window,
                                                   const LayerInput& like, std::int64_t copies);
/// Such products from Fourier transforms (see spectral_engine.cpp), for whole convolutions without a stride; null where
/// that cannot be done.
[[nodiscard]] std::unique_ptr<Engine> spectral_engine(const Layer& layer, const Window3& window,
                                                      const LayerInput& like, std::int64_t copies);

/// The ways to gather a full Gram matrix.
enum class Gathering { Panels, Shifts, Spectra };

/// The one that is least work, where panels would use so many positions a copy.
[[nodiscard]] Gathering least_work(const Layer& layer, const Window3& window, const LayerInput& input,
                                   std::int64_t copies, std::int64_t positions);

/// Rows of the whole slivers that so many rows fill.
[[nodiscard]] std::int64_t whole_slivers(std::int64_t rows);

/// Multiply-adds for one copy, twice those of the lower triangle; infinite where it cannot be done.
[[nodiscard]] double panel_engine_cost(const Layer& layer, const LayerInput& input, std::int64_t positions);
[[nodiscard]] double shift_engine_cost(const Layer& layer, const Window3& window, const LayerInput& input);
[[nodiscard]] double spectral_engine_cost(const Layer& layer, const Window3& window, const LayerInput& input,
                                          std::int64_t copies);

/// Bytes that an engine holds, the last two for maps of up to 4096 pixels; 0 where it is never chosen.
[[nodiscard]] std::int64_t panel_engine_bytes(const Layer& layer);
[[nodiscard]] std::int64_t shift_engine_bytes(const Layer& layer);
[[nodiscard]] std::int64_t spectral_engine_bytes(const Layer& layer);

} // namespace spade::statistics
