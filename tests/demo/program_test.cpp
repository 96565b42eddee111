// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace {

namespace fs = std::filesystem;

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

fs::path fresh_folder(const std::string& name) {
  const fs::path folder = fs::temp_directory_path() / ("spade_demo_" + name);
  fs::remove_all(folder);
  return folder;
}

} // namespace

TEST_CASE("the demo explains fresh pictures and says where the report is", "[demo][program]") {
  const auto folder = fresh_folder("program");

  const Run run = demo("--pictures 2 --augmentations 16 --out " + folder.string());

  INFO(run.text);
  REQUIRE(run.exit_code == 0);
  CHECK_THAT(run.text, Catch::Contains("the report: ") && Catch::Contains("index.html"));
  CHECK_THAT(run.text, Catch::Contains("saliency") && Catch::Contains("AUC"));
  CHECK(fs::file_size(folder / "index.html") > 10'000);
  std::ifstream file(folder / "report.json");
  const auto report = nlohmann::json::parse(file);
  REQUIRE(report["explanations"].size() >= 8);
  for (const auto& explanation : report["explanations"])
    CHECK(explanation["auc"]["dense"].is_number());
  fs::remove_all(folder);
}

TEST_CASE("the demo writes pictures and explains none where that is asked for", "[demo][program]") {
  const auto folder = fresh_folder("pictures_only");

  const Run run = demo("--pictures 2 --pictures-only --out " + folder.string());

  INFO(run.text);
  CHECK(run.exit_code == 0);
  CHECK(fs::exists(folder / "pictures" / "001_mask.png"));
  CHECK(fs::exists(folder / "index.json"));
  CHECK_FALSE(fs::exists(folder / "index.html"));
  fs::remove_all(folder);
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

  const auto out = fresh_folder("mistakes");
  const Run train = demo("--train /nowhere/network.pt --out " + out.string());
  CHECK(train.exit_code == 1);
  CHECK_THAT(train.text, Catch::Contains("/nowhere"));
  CHECK(std::count(train.text.begin(), train.text.end(), '\n') == 1);
  fs::remove_all(out);
}

TEST_CASE("Ctrl-C ends the demo's training and leaves no network", "[demo][program]") {
  const auto folder = fresh_folder("interrupted");
  fs::create_directories(folder);
  const std::string network = (folder / "network.pt").string();

  const pid_t child = fork();
  if (child == 0) {
    (void)std::freopen((folder / "log").c_str(), "w", stderr);
    execl(SPADE_DEMO_PROGRAM, SPADE_DEMO_PROGRAM, "--out", folder.c_str(), "--train", network.c_str(),
          nullptr);
    _exit(127);
  }
  sleep(3);
  kill(child, SIGINT);
  int status = 0;
  waitpid(child, &status, 0);

  CHECK(WEXITSTATUS(status) == 130);
  CHECK_FALSE(fs::exists(network));
  CHECK_FALSE(fs::exists(folder / "index.html"));
  std::ifstream log(folder / "log");
  std::stringstream text;
  text << log.rdbuf();
  CHECK_THAT(text.str(), Catch::Contains("spade-demo: interrupted; no "));
  fs::remove_all(folder);
}
