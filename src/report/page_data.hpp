// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include <kainjow/mustache.hpp>

#include "digest.hpp"

namespace spade::report {

[[nodiscard]] kainjow::mustache::data flag(bool value);
[[nodiscard]] kainjow::mustache::data list();

/// Sets "dense", "trace", "gain" and its "direction", by which it is coloured.
void set_auc(kainjow::mustache::data& data, const Auc& auc);

/// What opening.html.mustache shows: title, means, and the list of pictures.
[[nodiscard]] kainjow::mustache::data opening_data(const Digest& digest, const ReportOptions& options);

/// What section.html.mustache shows of one section; `number` counts from 1.
[[nodiscard]] kainjow::mustache::data section_data(const Section& section, std::size_t number,
                                                   const ReportOptions& options);

/// What closing.html.mustache shows: how to make the report again.
[[nodiscard]] kainjow::mustache::data closing_data(const Digest& digest, const ReportOptions& options);

} // namespace spade::report
