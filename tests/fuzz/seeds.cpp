// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// fuzz_seeds FOLDER: writes what each program begins with to a folder of its name in FOLDER.
#include <filesystem>
#include <fstream>
#include <iostream>

#include "fuzz/small_script.hpp"
#include "graph/exported_network.hpp"

int main(int argc, char** argv) {
  using namespace spade::testing;
  if (argc != 2) {
    std::cerr << "usage: fuzz_seeds FOLDER\n";
    return 2;
  }
  const auto write = [&](const std::string& program, const std::string& name, const std::string& bytes) {
    const auto folder = std::filesystem::path(argv[1]) / program;
    std::filesystem::create_directories(folder);
    std::ofstream(folder / name, std::ios::binary) << bytes;
  };
  const auto network = small_exported(); // in each layout of an archive
  write("exported_archive", "raw", network.archive());
  write("exported_archive", "raw_wide", zip(network.files(), {1, true, {}}));
  write("exported_archive", "pickled", zip(network.pickled_files()));
  write("exported_archive", "plain", zip(network.plain_files(), {1, false, {}}));
  int number = 0;
  for (const auto& source : script_seeds()) {
    auto archive = small_script(source);
    write("torchscript_code", "script_" + std::to_string(number++), code_of(archive));
  }
  auto archive = small_script(script_seeds().front());
  write("torchscript_pickle", "module", pickle_of(archive));
  return 0;
}
