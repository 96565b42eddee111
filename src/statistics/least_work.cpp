// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/linalg/slivers.hpp>

#include "engine.hpp"

namespace spade::statistics {
namespace {

/// What a way must save to be taken instead of a simpler one.
constexpr double worth_it = 0.9;

} // namespace

std::int64_t whole_slivers(std::int64_t rows) {
  const std::int64_t height = linalg::Slivers<float>::current_height();
  return (rows + height - 1) / height * height;
}

Gathering least_work(const Layer& layer, const Window3& window, const LayerInput& input, std::int64_t copies,
                     std::int64_t positions) {
  if (layer.depthwise() && window.elements() > 1) return Gathering::Shifts;
  auto result = Gathering::Panels;
  double least = panel_engine_cost(layer, input, positions);
  const auto compare = [&](Gathering way, double cost) {
    if (cost >= worth_it * least) return;
    least = cost;
    result = way;
  };
  compare(Gathering::Shifts, shift_engine_cost(layer, window, input));
  compare(Gathering::Spectra, spectral_engine_cost(layer, window, input, copies));
  return result;
}

} // namespace spade::statistics
