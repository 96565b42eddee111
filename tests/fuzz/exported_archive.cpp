// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Any bytes as a torch.export archive: zip, graph, raw and pickled tensors. An Error is an answer; anything
// else, a crash, or memory without bound, is a finding.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>

#include <unistd.h>

#include <spade/core/error.hpp>

#include "graph/exported/exported_archive.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string path =
      (std::filesystem::temp_directory_path() / ("spade_fuzz_" + std::to_string(::getpid()) + ".pt2"))
          .string();
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  try {
    const auto archive = spade::graph::exported::read_exported(path);
    for (const auto* tensors : {&archive.state, &archive.constants}) {
      for (const auto& [name, tensor] : *tensors)
        (void)tensor.sum(); // every byte that the tensor claims is there
    }
  } catch (const spade::Error&) {
  }
  return 0;
}
