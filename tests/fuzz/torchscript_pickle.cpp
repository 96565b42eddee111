// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Any bytes as the pickle of a TorchScript archive that is otherwise sound. An Error is an answer; anything else,
// a crash, or memory without bound, is a finding.
#include <cstddef>
#include <cstdint>
#include <string>

#include <ATen/ATen.h>

#include <spade/core/error.hpp>
#include <spade/graph/importer.hpp>

#include "fuzz/small_script.hpp"
#include "io/temporary_folder.hpp"

extern "C" const char* __asan_default_options() {
  return "allocator_may_return_null=1:max_allocation_size_mb=512:detect_leaks=0";
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace spade::testing;
  static const spade::tests::TemporaryFolder folder;
  static const auto path = (folder / "input.pt").string();
  static const auto example = at::linspace(-1, 1, 4).view({1, 4});
  static auto archive = [] {
    c10::WarningUtils::set_warnAlways(false);
    return small_script(script_seeds().front());
  }();
  pickle_of(archive).assign(reinterpret_cast<const char*>(data), size);
  spade::tests::write_file(path, zip(archive));
  try {
    (void)spade::load_graph(path, example); // every weight is read to see whether it is finite
  } catch (const spade::Error&) {
  }
  return 0;
}
