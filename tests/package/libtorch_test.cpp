// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
//
//   spade_libtorch_test PREFIX
//
// Compares the LibTorch this program was compiled with (its headers) with the one it runs with: the version
// that the loaded library reports, and the folder it was loaded from, which must be below PREFIX. The standard
// library must be another: LibTorch has parts of one inside.

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>

#include <dlfcn.h>

#include <ATen/Version.h>
#include <torch/version.h>

namespace {

// "..., TORCH_VERSION=2.13.0, ..." among what the library says of its own build.
std::string loaded_version() {
  const std::string text = at::show_config();
  const std::string key = "TORCH_VERSION=";
  const auto begin = text.find(key);
  if (begin == std::string::npos) return "unknown";
  return text.substr(begin + key.size(), text.find_first_of(", \n", begin) - begin - key.size());
}

/// The file that has the function; empty where none has.
std::filesystem::path file_of(const void* function) {
  Dl_info library{};
  if (dladdr(function, &library) == 0) return {};
  return std::filesystem::canonical(library.dli_fname);
}

} // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fputs("usage: spade_libtorch_test PREFIX\n", stderr);
    return 2;
  }
  const std::string compiled = std::to_string(TORCH_VERSION_MAJOR) + "." +
                               std::to_string(TORCH_VERSION_MINOR) + "." +
                               std::to_string(TORCH_VERSION_PATCH);
  const auto loaded_from = file_of(reinterpret_cast<const void*>(&at::show_config));
  std::printf("compiled with LibTorch %s, runs with %s from %s\n", compiled.c_str(), loaded_version().c_str(),
              loaded_from.c_str());
  if (loaded_version() != compiled) {
    std::fputs("the versions differ\n", stderr);
    return 1;
  }
  const auto below = loaded_from.lexically_relative(std::filesystem::canonical(arguments[1]));
  if (below.empty() || *below.begin() == "..") {
    std::fprintf(stderr, "the library is not below %s\n", arguments[1]);
    return 1;
  }
  using RemoveAll = std::uintmax_t (*)(const std::filesystem::path&, std::error_code&);
  const RemoveAll remove_all = &std::filesystem::remove_all;
  const auto standard_library = file_of(reinterpret_cast<const void*>(remove_all));
  const auto name = standard_library.filename().string();
  if (name.rfind("libstdc++", 0) != 0 && name.rfind("libc++", 0) != 0) {
    std::fprintf(stderr, "std::filesystem::remove_all is that of '%s'\n", standard_library.c_str());
    return 1;
  }
  return 0;
}
