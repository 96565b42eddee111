// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <spade/sparsity_plan.hpp>

namespace spade {

/// Reads a sparsity plan from JSON text.
///
///     {"by_depth": [0.5, 0.8, 0.9, 0.95], "dense_first": true, "depthwise": 0,
///      "layers": {"layer1.*": 0.5, "fc": 0.95}}
///
/// Exactly one of `uniform` (a number) and `by_depth` (a list) is there; the rest is optional. `layers` holds
/// layer name patterns in the order in which they apply: the last one that matches wins. `comment` may hold
/// any text.
///
/// @param source  what to call the text in messages: a file's name
/// @throws InvalidArgument where the text is not such a plan: broken JSON, an unknown or repeated key, a
///   value outside [0, 1] (the text names the key), or a pattern without sense
/// Cost: linear in the text, and a copy of the plan for each pattern. The format is our own.
[[nodiscard]] SparsityPlan parse_plan(std::string_view text, const std::string& source = "plan");

/// Reads a plan from a JSON file. @throws FileError where it cannot be read or is over 1 MiB; InvalidArgument
/// as parse_plan
[[nodiscard]] SparsityPlan read_plan(const std::string& path);

/// The plan as one line of JSON, of which parse_plan makes a plan that gives every layer the same. Of rules
/// of one pattern the last is kept.
[[nodiscard]] std::string plan_text(const SparsityPlan& plan);

} // namespace spade
