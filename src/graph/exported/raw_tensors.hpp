// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "storage.hpp"

namespace spade::graph::exported {

/// The bytes of an entry of the archive. @throws FileError where there is none
using FindBytes = std::function<MappedBytes(const std::string& name)>;

/// Reads tensors that stand in the archive as raw bytes, one entry a storage, listed by a configuration in
/// JSON (torch 2.13: data/weights, data/constants).
/// @param config  the configuration's text
/// @param find    gives the bytes of an entry beside it
/// @throws FileError where the configuration lies, or an entry is missing
/// @throws UnsupportedOperator where a tensor is stored as a pickled object
[[nodiscard]] NamedTensors read_raw_tensors(std::span<const std::byte> config, const FindBytes& find,
                                            const std::string& where);

} // namespace spade::graph::exported
