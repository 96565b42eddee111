// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// LibTorch believes what the pickles of a TorchScript archive say of its tensors.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "../zip.hpp"

namespace spade::graph::torchscript {

/// How many bytes LibTorch may come to read of a file: more than that no network makes it unpack, or read over and
/// over.
[[nodiscard]] inline std::uint64_t most_read(std::uint64_t file_size) {
  return std::max(std::uint64_t{256} << 20, 4 * file_size);
}

/// Walks the pickles of an archive (data.pkl, constants.pkl, and where the lines of its code come from) before
/// LibTorch reads them.
///
/// Every storage must fit the entry that it names, and every tensor its storage; sparse tensors' indices must
/// lie inside their sizes, and quantised tensors have a scale for each channel. Values, and the names of types
/// that LibTorch parses, must not nest so deep that the stack is used up. Classes of the archive may have any
/// state; other functions than those that torch.jit.save writes are refused by name.
/// @param path     the archive, which LibTorch's reader opens to find entries as torch::jit::load will
/// @param file     its bytes
/// @param entries  its entries, inside `file`
/// @param what     the archive in messages: "model file \"m.pt\""
/// @throws FileError  with pickle, storage and the numbers that do not fit
/// Cost: linear in the length of the pickles; sparse tensors are read.
void check_pickles(const std::string& path, std::span<const std::byte> file,
                   const std::vector<ZipEntry>& entries, const std::string& what);

} // namespace spade::graph::torchscript
