// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/io/atomic_file.hpp>

#include <filesystem>
#include <string>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <spade/core/error.hpp>

#include "io/temporary_folder.hpp"

namespace fs = std::filesystem;
using Catch::Matchers::Contains;
using spade::descriptor_named;
using spade::FileError;
using spade::write_atomically;
using spade::tests::read_file;
using spade::tests::TemporaryFolder;

namespace {

// The superuser may write anywhere: steps down to nobody for a while where the tests run as root.
class WithoutPrivileges {
public:
  WithoutPrivileges() : was_root_(::geteuid() == 0) {
    if (was_root_ && ::seteuid(65534) != 0) throw std::runtime_error("cannot step down from root");
  }
  WithoutPrivileges(const WithoutPrivileges&) = delete;
  WithoutPrivileges& operator=(const WithoutPrivileges&) = delete;
  ~WithoutPrivileges() {
    if (was_root_ && ::seteuid(0) != 0) std::abort();
  }

private:
  bool was_root_;
};

} // namespace

TEST_CASE("a file is written whole, and replaced whole", "[io][atomic_file]") {
  const TemporaryFolder folder;
  const std::string bytes("a\0b\n", 4);
  write_atomically(folder / "report.html", bytes);
  CHECK(read_file(folder / "report.html") == bytes);
  write_atomically(folder / "report.html", std::string(3'000'000, 'x'));
  CHECK(read_file(folder / "report.html") == std::string(3'000'000, 'x'));
  write_atomically(folder / "report.html", "");
  CHECK(read_file(folder / "report.html").empty());
  CHECK(folder.names() == std::vector<std::string>{"report.html"});
}

TEST_CASE("a written file has the permissions of any new file", "[io][atomic_file]") {
  const TemporaryFolder folder;
  const mode_t mask = ::umask(0027);
  write_atomically(folder / "a", "a");
  ::umask(mask);
  struct stat status {};
  REQUIRE(::stat((folder / "a").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0640);
}

TEST_CASE("a file that cannot be written names the path and the reason, and leaves nothing",
          "[io][atomic_file]") {
  const TemporaryFolder folder;
  CHECK_THROWS_AS(write_atomically("", "a"), FileError);
  CHECK_THROWS_WITH(write_atomically(folder / "none" / "a.json", "a"),
                    Contains("none/a.json") && Contains("No such file or directory"));
  CHECK_THROWS_AS(write_atomically(folder / "none" / "a.json", "a"), FileError);
  fs::create_directory(folder / "there");
  CHECK_THROWS_WITH(write_atomically(folder / "there", "a"), Contains("there") && Contains("Is a directory"));
  write_atomically(folder / "file", "old");
  CHECK_THROWS_WITH(write_atomically(folder / "file" / "a", "a"),
                    Contains("file/a") && Contains("Not a directory"));
  CHECK(read_file(folder / "file") == "old");
  CHECK(folder.names().size() == 2);
}

TEST_CASE("a read-only folder is an error and its files stay", "[io][atomic_file]") {
  const TemporaryFolder folder;
  write_atomically(folder / "a.png", "old");
  fs::permissions(folder.path(), fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_read |
                                     fs::perms::others_exec);
  {
    const WithoutPrivileges nobody;
    CHECK_THROWS_AS(write_atomically(folder / "a.png", "new"), FileError);
    CHECK_THROWS_WITH(write_atomically(folder / "a.png", "new"),
                      Contains("a.png") && Contains("Permission denied"));
  }
  fs::permissions(folder.path(), fs::perms::owner_all);
  CHECK(read_file(folder / "a.png") == "old");
  CHECK(folder.names().size() == 1);
}

TEST_CASE("a full device is an error", "[io][atomic_file]") {
  if (!fs::exists("/dev/full")) return;
  CHECK_THROWS_WITH(write_atomically("/dev/full", "a"), Contains("/dev/full") && Contains("No space left"));
  CHECK(fs::is_character_file("/dev/full"));
  CHECK_NOTHROW(write_atomically("/dev/null", "a"));
  CHECK(fs::is_character_file("/dev/null"));
}

TEST_CASE("a name may be as long as the file system takes", "[io][atomic_file]") {
  const TemporaryFolder folder;
  const std::string name(255, 'n');
  write_atomically(folder / name, "a");
  CHECK(folder.names() == std::vector<std::string>{name});
  CHECK_THROWS_WITH(write_atomically(folder / (name + "n"), "a"), Contains("File name too long"));
  CHECK(folder.names().size() == 1);
}

TEST_CASE("names of the program's own streams are written to where they lead", "[io][atomic_file]") {
  CHECK(descriptor_named("/dev/stdin") == 0);
  CHECK(descriptor_named("/dev/stdout") == 1);
  CHECK(descriptor_named("/dev/stderr") == 2);
  CHECK(descriptor_named("/dev/fd/63") == 63);
  CHECK(descriptor_named("/proc/self/fd/7") == 7);
  for (const auto* other : {"/dev/null", "/dev/fd/", "/dev/fd/1x", "/dev/fd/-1", "dev/stdout", "a/dev/fd/1"})
    CHECK_FALSE(descriptor_named(other));

  // A redirected stream leads to a file, which stays that file: its name in /dev is not replaced.
  const TemporaryFolder folder;
  const int file = ::open((folder / "log").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  REQUIRE(file >= 0);
  const auto stream = "/dev/fd/" + std::to_string(file);
  write_atomically(stream, "one\n");
  write_atomically(stream, "two\n");
  ::close(file);
  CHECK(read_file(folder / "log") == "one\ntwo\n");
  CHECK_THROWS_WITH(write_atomically(stream, "three"), Contains(stream) && Contains("Bad file descriptor"));
}
