// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace spade::parity {

/// Loads every network that a folder has, as NAME_traced.pt, NAME_scripted.pt and NAME.pt2 beside NAME.io.pt (a
/// TorchScript container of an input x and the eager output y), and prints a table in Markdown: how far the
/// output is from y, and whether graph and source, and tape and autograd, agree bit for bit (compare_with_source,
/// compare_gradients; an exported network's source is the traced file). Without gradients, fused attention is
/// compared up to rounding.
/// @return how many files do not agree, or cannot be loaded; -1 where the folder has no network
[[nodiscard]] int print_networks(const std::filesystem::path& folder);

} // namespace spade::parity
