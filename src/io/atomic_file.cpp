// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/io/atomic_file.hpp>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <spade/core/error.hpp>

namespace spade {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, int error) {
  throw FileError(message("cannot write ", path, ": ", std::generic_category().message(error)));
}

// A file descriptor and, until `keep`, the temporary file behind it.
class OpenFile {
public:
  OpenFile(int descriptor, std::string temporary)
      : descriptor_(descriptor), temporary_(std::move(temporary)) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
  }

  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] int close() {
    const int result = ::close(descriptor_);
    descriptor_ = -1;
    return result;
  }
  void keep() { temporary_.clear(); }

private:
  int descriptor_;
  std::string temporary_;
};

void write_all(int descriptor, std::string_view bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(path, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

// The permissions a newly made file has; asking for the mask means setting it.
mode_t new_file_mode() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

} // namespace

std::optional<int> descriptor_named(const std::filesystem::path& path) {
  const std::string name = path.string();
  if (name == "/dev/stdin") return STDIN_FILENO;
  if (name == "/dev/stdout") return STDOUT_FILENO;
  if (name == "/dev/stderr") return STDERR_FILENO;
  for (const std::string_view folder : {"/dev/fd/", "/proc/self/fd/"}) {
    int number = 0;
    if (!name.starts_with(folder)) continue;
    const char* end = name.data() + name.size();
    const auto [rest, error] = std::from_chars(name.data() + folder.size(), end, number);
    if (error == std::errc() && rest == end && number >= 0) return number;
  }
  return {};
}

void write_atomically(const std::filesystem::path& path, std::string_view bytes) {
  if (path.empty()) throw FileError("cannot write a file without a name");
  if (const auto stream = descriptor_named(path)) {
    OpenFile copy(::fcntl(*stream, F_DUPFD_CLOEXEC, 0), {});
    if (copy.descriptor() < 0) fail(path, errno);
    write_all(copy.descriptor(), bytes, path);
    return;
  }
  std::error_code ignored;
  const auto status = std::filesystem::status(path, ignored);
  if (std::filesystem::is_directory(status)) fail(path, EISDIR);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    OpenFile device(::open(path.c_str(), O_WRONLY | O_CLOEXEC), {});
    if (device.descriptor() < 0) fail(path, errno);
    write_all(device.descriptor(), bytes, path);
    return;
  }
  // Not made of the file's own name: that may be as long as names can be.
  std::string name = (path.parent_path() / ".spade-XXXXXX").string();
  const int descriptor = ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor < 0) fail(path, errno);
  OpenFile file(descriptor, name);
  write_all(file.descriptor(), bytes, path);
  // Data before name: after a power cut the name must not stand for an empty file.
  if (::fchmod(file.descriptor(), new_file_mode()) != 0 || ::fsync(file.descriptor()) != 0) fail(path, errno);
  if (file.close() != 0 || ::rename(name.c_str(), path.c_str()) != 0) fail(path, errno);
  file.keep();
}

} // namespace spade
