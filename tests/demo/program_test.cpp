// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "io/temporary_folder.hpp"

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using spade::tests::TemporaryFolder;

struct Run {
  int exit_code = 0;
  std::string text; // standard output and error
};

Run demo(const std::string& arguments) {
  Run run;
  FILE* pipe = popen((SPADE_DEMO_PROGRAM " " + arguments + " 2>&1").c_str(), "r");
  REQUIRE(pipe != nullptr);
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe))
    run.text += static_cast<char>(c);
  run.exit_code = WEXITSTATUS(pclose(pipe));
  return run;
}

// The explanations of a report without what no two runs share: the time taken, and, as the demo draws its pictures
// itself, where they came from.
Json figures(const fs::path& report) {
  std::ifstream file(report);
  Json explanations = Json::parse(file)["explanations"];
  for (Json& explanation : explanations) {
    for (const char* key : {"seconds", "picture_file", "mask_file", "size"})
      explanation.erase(key);
    for (Json& layer : explanation["layers"])
      layer.erase("seconds");
  }
  return explanations;
}

// A run of the demo that goes on beside the test.
class Child {
public:
  explicit Child(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), SPADE_DEMO_PROGRAM);
    std::vector<char*> words;
    for (std::string& argument : arguments)
      words.push_back(argument.data());
    words.push_back(nullptr);
    std::array<int, 2> ends{};
    REQUIRE(pipe(ends.data()) == 0);
    id_ = fork();
    if (id_ == 0) {
      dup2(ends[1], STDOUT_FILENO);
      dup2(ends[1], STDERR_FILENO);
      close(ends[0]);
      close(ends[1]);
      execv(SPADE_DEMO_PROGRAM, words.data());
      _exit(127);
    }
    close(ends[1]);
    output_ = fdopen(ends[0], "r");
    REQUIRE(output_ != nullptr);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    std::fclose(output_);
    if (id_ > 0) kill(id_, SIGKILL);
  }

  // Waits until the program has written it.
  std::string first_line() { return read_until('\n'); }
  // Waits until Ctrl-C is no longer the system's to answer. Before main, LibTorch's libraries are loaded, which takes
  // seconds where no program has used them for a while.
  void await_listening() const {
    for (int tenths = 0; tenths < 600; ++tenths) {
      std::ifstream status("/proc/" + std::to_string(id_) + "/status");
      for (std::string line; std::getline(status, line);) {
        if (line.starts_with("SigBlk:") &&
            (std::stoull(line.substr(7), nullptr, 16) >> (SIGINT - 1)) % 2 == 1)
          return;
      }
      usleep(100'000);
    }
    FAIL("spade-demo does not listen to signals after a minute");
  }
  // Ctrl-C; what the program says from then on, and how it ends.
  Run interrupt() {
    kill(id_, SIGINT);
    Run run;
    run.text = read_until(EOF);
    int status = 0;
    waitpid(id_, &status, 0);
    id_ = 0;
    run.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    return run;
  }

private:
  std::string read_until(int end) {
    std::string text;
    for (int c = std::fgetc(output_); c != EOF && c != end; c = std::fgetc(output_))
      text += static_cast<char>(c);
    return text;
  }

  pid_t id_ = 0;
  FILE* output_ = nullptr;
};

// The files in a folder and the folders in it, and what is in them.
std::map<std::string, std::string> contents(const fs::path& folder) {
  std::map<std::string, std::string> result;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    result[entry.path().string()] = {std::istreambuf_iterator<char>(file), {}};
  }
  return result;
}

} // namespace

TEST_CASE("the demo explains fresh pictures and says where the report is", "[demo][program]") {
  const TemporaryFolder scratch;
  const auto folder = scratch / "program";

  const Run run = demo("--pictures 2 --augmentations 16 --out " + folder.string());

  INFO(run.text);
  REQUIRE(run.exit_code == 0);
  CHECK_THAT(run.text, Catch::Contains("the report: ") && Catch::Contains("index.html"));
  CHECK_THAT(run.text, Catch::Contains("saliency") && Catch::Contains("AUC"));
  CHECK(fs::file_size(folder / "index.html") > 10'000);
  std::ifstream file(folder / "report.json");
  const auto report = Json::parse(file);
  REQUIRE(report["explanations"].size() >= 8);
  for (const auto& explanation : report["explanations"])
    CHECK(explanation["auc"]["dense"].is_number());
}

TEST_CASE("the command that the demo prints gives the same figures", "[demo][program]") {
  const TemporaryFolder scratch;
  const auto folder = scratch / "by_hand";
  REQUIRE(demo("--pictures 2 --augmentations 16 --out " + folder.string()).exit_code == 0);
  const Json first = figures(folder / "report.json");
  const std::string command = first[0]["command"];
  fs::remove(folder / "report.json");

  REQUIRE(std::system((SPADE_EXPLAIN_FOLDER "/" + command + " > /dev/null").c_str()) == 0);

  CHECK(figures(folder / "report.json") == first);
}

TEST_CASE("the demo writes pictures and explains none where that is asked for", "[demo][program]") {
  const TemporaryFolder scratch;
  const auto folder = scratch / "pictures_only";

  const Run run = demo("--pictures 2 --pictures-only --out " + folder.string());

  INFO(run.text);
  CHECK(run.exit_code == 0);
  CHECK(fs::exists(folder / "pictures" / "001_mask.png"));
  CHECK(fs::exists(folder / "index.json"));
  CHECK_FALSE(fs::exists(folder / "index.html"));
}

TEST_CASE("the demo answers mistakes by one sentence", "[demo][program]") {
  const Run unknown = demo("--colour red");
  CHECK(unknown.exit_code == 2);
  CHECK_THAT(unknown.text, Catch::StartsWith("spade-demo: ") && Catch::Contains("--colour"));

  const Run none = demo("--pictures 0");
  CHECK(none.exit_code == 2);
  CHECK_THAT(none.text, Catch::Contains("--pictures"));

  const Run steps = demo("--steps 5");
  CHECK(steps.exit_code == 2);
  CHECK_THAT(steps.text, Catch::Contains("--train"));

  const Run folder = demo("--out /proc/nowhere");
  CHECK(folder.exit_code == 1);
  CHECK_THAT(folder.text, Catch::StartsWith("spade-demo: /proc/nowhere: the folder cannot be made ("));

  const TemporaryFolder scratch;
  const auto out = scratch / "mistakes";
  const Run train = demo("--train /nowhere/network.pt --out " + out.string());
  CHECK(train.exit_code == 1);
  CHECK_THAT(train.text, Catch::Contains("/nowhere"));
  CHECK(std::count(train.text.begin(), train.text.end(), '\n') == 1);
}

TEST_CASE("Ctrl-C ends the demo's training and leaves no network", "[demo][program]") {
  const TemporaryFolder scratch;
  const auto folder = scratch / "interrupted";
  fs::create_directories(folder);
  const std::string network = (folder / "network.pt").string();

  Child child({"--out", (folder / "out").string(), "--train", network});
  child.await_listening();
  sleep(2);
  const Run run = child.interrupt();

  INFO(run.text);
  CHECK(run.exit_code == 130);
  CHECK_THAT(run.text, Catch::Contains("spade-demo: interrupted; no "));
  CHECK(fs::is_empty(folder));
}

TEST_CASE("Ctrl-C among the traces leaves nothing behind", "[demo][program]") {
  const TemporaryFolder scratch;
  const auto folder = scratch / "interrupted_traces";

  Child child({"--out", (folder / "deeper").string(), "--pictures", "4", "--augmentations", "100000"});
  REQUIRE_THAT(child.first_line(), Catch::StartsWith("network ")); // the traces are next
  sleep(1);
  const Run run = child.interrupt();

  INFO(run.text);
  CHECK(run.exit_code == 130);
  CHECK_THAT(run.text, Catch::Contains("spade-demo: interrupted; no "));
  CHECK_FALSE(fs::exists(folder));
}

TEST_CASE("a run that is stopped leaves what an earlier one wrote", "[demo][program]") {
  const TemporaryFolder scratch;
  const auto folder = scratch / "interrupted_again";
  REQUIRE(demo("--pictures 1 --pictures-only --out " + folder.string()).exit_code == 0);
  const auto before = contents(folder);
  REQUIRE(before.size() == 5);

  Child child({"--out", folder.string(), "--seed", "5", "--augmentations", "100000"});
  REQUIRE_THAT(child.first_line(), Catch::StartsWith("network "));
  const Run run = child.interrupt();

  CHECK(run.exit_code == 130);
  CHECK(contents(folder) == before);
}
