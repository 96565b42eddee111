// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "output_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <spade/core/error.hpp>
#include <spade/io/atomic_file.hpp>

namespace spade::explain_tool {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw FileError(fmt::format("{}: cannot be written, {}", path, why));
}

std::string reason(int error) {
  return std::generic_category().message(error);
}

fs::path folder_of(const std::string& path) {
  const auto folder = fs::path(path).parent_path();
  return folder.empty() ? "." : folder;
}

// A new file without content, whose name is nobody's.
std::string new_file_beside(const std::string& path) {
  auto name = (folder_of(path) / ".spade-XXXXXX").string();
  const int file = mkostemp(name.data(), O_CLOEXEC);
  if (file < 0)
    refuse(path, fmt::format("the folder {} takes no files ({})", folder_of(path).string(), reason(errno)));
  close(file);
  return name;
}

// Not so devices, pipes, and the program's own streams.
bool is_file(const std::string& path) {
  std::error_code ignored;
  return !descriptor_named(path) && (!fs::exists(path, ignored) || fs::is_regular_file(path, ignored));
}

// A file that has its name once it is complete, and goes where that does not come to pass.
class StagedFile {
public:
  explicit StagedFile(std::string path) : path_(std::move(path)), temporary_(new_file_beside(path_)) {}
  StagedFile(StagedFile&& other) noexcept
      : path_(std::move(other.path_)), temporary_(std::exchange(other.temporary_, {})) {}
  StagedFile& operator=(StagedFile&&) = delete;
  ~StagedFile() {
    if (!temporary_.empty()) unlink(temporary_.c_str());
  }

  [[nodiscard]] const std::string& temporary() const { return temporary_; }
  void publish() {
    if (std::rename(temporary_.c_str(), path_.c_str()) != 0) refuse(path_, reason(errno));
    temporary_.clear();
  }

private:
  std::string path_;
  std::string temporary_;
};

bool same_file(const std::string& one, const std::string& other) {
  std::error_code failure;
  if (fs::is_character_file(one, failure)) return false;
  if (fs::equivalent(one, other, failure) && !failure) return true;
  const auto canonical = fs::weakly_canonical(fs::absolute(one, failure), failure);
  if (failure) return false;
  return canonical == fs::weakly_canonical(fs::absolute(other, failure), failure) && !failure;
}

} // namespace

void check_writable(const std::string& path) {
  std::error_code ignored;
  if (const auto stream = descriptor_named(path)) {
    const int flags = fcntl(*stream, F_GETFL);
    if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY) refuse(path, "it is not open for writing");
    return;
  }
  if (fs::is_directory(path, ignored)) refuse(path, "a folder has that name");
  if (fs::is_character_file(path, ignored)) return;
  if (!is_file(path)) refuse(path, "it is neither a file nor a character device such as /dev/stdout");
  if (!fs::is_directory(folder_of(path), ignored))
    refuse(path, fmt::format("there is no folder {}", folder_of(path).string()));
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0 && errno != ENOENT) refuse(path, reason(errno));
  unlink(new_file_beside(path).c_str());
}

void check_apart(const std::vector<NamedFile>& results, const std::vector<NamedFile>& inputs) {
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto& result = results[i];
    for (const auto& input : inputs) {
      if (same_file(result.path, input.path)) {
        throw InvalidArgument(
            fmt::format("{} {} would replace {}, {}", result.option, result.path, input.option, input.path));
      }
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (same_file(result.path, results[j].path)) {
        throw InvalidArgument(fmt::format("{} {} would replace {} {}: give each a file of its own",
                                          result.option, result.path, results[j].option, results[j].path));
      }
    }
  }
}

void write_together(const std::vector<ResultFile>& results) {
  for (const auto& result : results) {
    if (!is_file(result.path)) result.write(result.path);
  }
  std::vector<StagedFile> staged;
  for (const auto& result : results) {
    if (is_file(result.path)) result.write(staged.emplace_back(result.path).temporary());
  }
  for (auto& file : staged)
    file.publish();
}

} // namespace spade::explain_tool
