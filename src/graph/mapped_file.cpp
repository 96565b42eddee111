// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "mapped_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <spade/core/error.hpp>

namespace spade::graph {
namespace {

/// Closes a file descriptor when it goes; the mapping lives on.
struct Descriptor {
  int number;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
};

} // namespace

MappedFile::MappedFile(const std::string& path) {
  const auto fail = [&](const char* why) { throw FileError(message("model file \"", path, "\" ", why)); };
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) fail("does not exist");
  if (S_ISDIR(status.st_mode)) fail("is a directory; give the model file itself");
  if (!S_ISREG(status.st_mode)) fail("is no regular file; copy what it gives into one");
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.number < 0) fail("cannot be opened for reading; check its permissions");
  if (::fstat(file.number, &status) != 0) fail("cannot be read");
  if (status.st_size == 0) fail("is empty");
  const auto size = static_cast<std::size_t>(status.st_size);
  // Private: an operator that writes to a weight changes this process's copy of the page, never the file.
  void* address = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, file.number, 0);
  if (address == MAP_FAILED) fail("cannot be mapped into memory");
  bytes_ = {static_cast<std::byte*>(address), size};
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(bytes_.data(), bytes_.size());
}

} // namespace spade::graph
