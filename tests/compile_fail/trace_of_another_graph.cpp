// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// expected: no matching function for call to .*explain
#include "contracts/archetypes.hpp"

struct OtherGraph : spade::archetypes::Graph {
  OtherGraph with_weights(std::span<const spade::LayerWeight>) const { return *this; }
};

#ifdef SPADE_CORRECTED
using Traced = spade::archetypes::Graph;
#else
using Traced = OtherGraph;
#endif

auto explanation_of(const spade::archetypes::Graph& graph, const spade::BasicTrace<Traced>& trace,
                    const spade::archetypes::Sample& sample) {
  return spade::explain(graph, trace, spade::archetypes::Interpreter(0), sample, 0);
}
