// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Any bytes as a torch.export archive: zip, graph, raw and pickled tensors. An Error is an answer; anything
// else, a crash, or memory without bound, is a finding.
#include <cstddef>
#include <cstdint>
#include <string>

#include <spade/core/error.hpp>

#include "graph/exported/exported_archive.hpp"
#include "io/temporary_folder.hpp"

namespace {

/// Checksums would stop nearly every change before it is read: 0 says that the writer took none.
std::string without_checksums(std::string archive) {
  for (auto at = archive.find("PK\x01\x02"); at != std::string::npos;
       at = archive.find("PK\x01\x02", at + 1)) {
    if (archive.size() - at >= 20) archive.replace(at + 16, 4, 4, '\0');
  }
  return archive;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const spade::tests::TemporaryFolder folder;
  static const auto path = (folder / "input.pt2").string();
  spade::tests::write_file(path, without_checksums({reinterpret_cast<const char*>(data), size}));
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
