// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "../archive.hpp"
#include "document.hpp"
#include "storage.hpp"

namespace spade::graph::exported {

/// What a torch.export archive holds.
struct ExportedArchive {
  Document document;
  NamedTensors state;     ///< parameters and persistent buffers
  NamedTensors constants; ///< lifted constants and buffers that are not persistent
};

/// True where an archive is one that torch.export.save writes.
[[nodiscard]] bool is_exported(const Archive& archive);

/// Maps the file and reads graph and tensors; the tensors keep the mapping alive.
///
/// Three layouts are in use, told apart by the entries that are there: a plain zip file with pickled tensors
/// (torch 2.6), a folder with pickled tensors (2.8), and a folder with raw tensors (2.13).
/// @throws FileError, UnsupportedOperator
[[nodiscard]] ExportedArchive read_exported(const std::string& path);

} // namespace spade::graph::exported
