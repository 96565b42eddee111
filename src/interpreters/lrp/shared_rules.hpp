// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <spade/interpreters/lrp/rule.hpp>
#include <spade/interpreters/lrp/rules.hpp>

namespace spade::lrp {

/// The rule that all composites share for a node (the table at Composite); empty where there is none.
[[nodiscard]] Rule shared_rule(const graph::Node& node, const Norm& norm);

} // namespace spade::lrp
