// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// A TorchScript archive whose code, or pickle, can be exchanged.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "graph/zip_writer.hpp"

namespace spade::testing {

/// The archive of a small module with the methods `source`. It has parameters, buffers, numbers, a list, a
/// dictionary, two children and two tensors that are constants of the code.
[[nodiscard]] std::vector<ZipFile> small_script(const std::string& source);

/// Where the module's code is in its archive.
[[nodiscard]] std::string& code_of(std::vector<ZipFile>& archive);

/// The pickle of what the module holds.
[[nodiscard]] std::string& pickle_of(std::vector<ZipFile>& archive);

/// One run of a fuzz program: loads a small script of which the part (code_of, pickle_of) is these bytes. An Error is
/// an answer.
void load_with(std::string& (*part)(std::vector<ZipFile>&), const std::uint8_t* data, std::size_t size);

/// Methods to begin with: branches, loops, lists, dictionaries, writes in place, submodules, attention.
[[nodiscard]] std::vector<std::string> script_seeds();

} // namespace spade::testing
