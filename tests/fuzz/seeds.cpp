// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// fuzz_seeds FOLDER: writes small archives of each layout, to begin fuzzing with.
#include <filesystem>
#include <fstream>
#include <iostream>

#include "graph/exported_network.hpp"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: fuzz_seeds FOLDER\n";
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  std::filesystem::create_directories(folder);
  const auto network = spade::testing::small_exported();
  const auto write = [&](const char* name, const std::string& bytes) {
    std::ofstream(folder / name, std::ios::binary) << bytes;
  };
  write("raw", network.archive());
  write("raw_wide", spade::testing::zip(network.files(), {1, true, {}}));
  write("pickled", spade::testing::zip(network.pickled_files()));
  write("plain", spade::testing::zip(network.plain_files(), {1, false, {}}));
  return 0;
}
