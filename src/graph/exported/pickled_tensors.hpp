// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "storage.hpp"

namespace spade::graph::exported {

/// Reads a dictionary of tensors that torch.save wrote: a zip archive with a pickle and raw storages.
///
/// A pickle is a program; this one may only build dictionaries, tuples, numbers, texts, and tensors over the
/// archive's storages. Whatever else it calls is refused by name, and never run.
/// @throws FileError where the archive is damaged, lies, or wants something else
[[nodiscard]] NamedTensors read_pickled_tensors(const MappedBytes& archive, const std::string& where);

} // namespace spade::graph::exported
