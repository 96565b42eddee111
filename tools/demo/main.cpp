// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
//
// From nothing to a report: a trojaned network (the shipped one, or one trained on the spot), fresh pictures
// with a known trigger, and spade-explain's own run over them.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <ATen/Parallel.h>
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <spade/core/error.hpp>
#include <spade/core/parallel.hpp>
#include <spade/graph/importer.hpp>

#include <spade_explain/arguments.hpp>
#include <spade_explain/interruption.hpp>
#include <spade_explain/output_file.hpp>
#include <spade_explain/progress_line.hpp>
#include <spade_explain/session.hpp>

#include "network.hpp"
#include "picture_set.hpp"

namespace {

namespace fs = std::filesystem;
using spade::FileError;
using spade::explain_tool::Interruption;

struct Options {
  std::string out = "demo";
  std::string train; // a file to write; empty: the shipped network
  std::int64_t steps = spade::demo::TrainingOptions{}.steps;
  std::int64_t pictures = 12;
  bool pictures_only = false;
  std::int64_t augmentations = 256;
  std::uint64_t seed = 2026;
  std::int64_t threads = 0;
};

// This program's own file.
fs::path program() {
  return fs::read_symlink("/proc/self/exe");
}

// The shipped network and plan: share/spade/demo beside the folder of the program, built or installed.
fs::path shipped(const std::string& name) {
  const fs::path file = program().parent_path().parent_path() / "share" / "spade" / "demo" / name;
  if (!fs::exists(file)) {
    throw FileError(fmt::format("{}: missing; it is built and installed with spade-demo", file.string()));
  }
  return file;
}

std::string network_file(const Options& options, const Interruption& interruption) {
  if (options.train.empty()) return shipped("network.pt").string();
  spade::explain_tool::ProgressLine line;
  spade::Progress progress;
  progress.stop = interruption.token();
  progress.report = [&](std::string_view stage, std::int64_t done, std::int64_t total) {
    line.show(static_cast<double>(done) / static_cast<double>(total),
              fmt::format("{}, {} of {}", stage, done, total));
  };
  (void)spade::demo::train_network(options.train, {.steps = options.steps}, progress);
  return options.train;
}

// Finds out whether a folder takes files. One that is missing is made for the trial and goes again: it stays
// missing until there is something to put into it.
void check_folder(const fs::path& folder) {
  std::error_code failure;
  std::vector<fs::path> missing; // the deepest first
  for (fs::path each = fs::absolute(folder); !fs::exists(each, failure); each = each.parent_path())
    missing.push_back(each);
  fs::create_directories(folder, failure);
  if (failure) {
    throw FileError(fmt::format("{}: the folder cannot be made ({})", folder.string(), failure.message()));
  }
  spade::explain_tool::check_writable((folder / "index.html").string());
  for (const fs::path& each : missing)
    fs::remove(each, failure);
}

// What spade-explain would read once the scenes are written.
std::vector<spade::explain_tool::Picture>
pictures_to_explain(const std::vector<spade::demo::TriggeredScene>& scenes) {
  std::vector<spade::explain_tool::Picture> pictures;
  for (const spade::demo::TriggeredScene& scene : scenes) {
    const auto read = [&triggered = scene.triggered] {
      return spade::explain_tool::ReadPicture{
          spade::Sample(picture(triggered), spade::Preprocess::imagenet_normalisation()),
          trigger_mask(triggered)};
    };
    pictures.push_back({fmt::format("{:03}_trojan.png", pictures.size()), scene.triggered.label(), read});
  }
  return pictures;
}

// spade-explain's own run, over scenes that are not written yet.
int explain(const Options& options, const std::string& model,
            const std::vector<spade::demo::TriggeredScene>& scenes, Interruption& interruption) {
  const fs::path out = options.out;
  const std::vector<std::string> words{"spade-explain",   model,
                                       "--pictures",      (out / "index.json").string(),
                                       "--classes",       (out / "classes.txt").string(),
                                       "--interpreter",   "all",
                                       "--plan",          shipped("plan.json").string(),
                                       "--pruner",        "fast_refit",
                                       "--augmenter",     "random_remove",
                                       "--augmentations", std::to_string(options.augmentations),
                                       "--seed",          std::to_string(options.seed),
                                       "--title",         "Why did the trojaned network say so?",
                                       "--report",        (out / "index.html").string(),
                                       "--json",          (out / "report.json").string()};
  std::vector<const char*> values;
  for (const std::string& word : words)
    values.push_back(word.c_str());
  auto arguments =
      spade::explain_tool::parse_arguments(static_cast<int>(values.size()), values.data()).arguments;
  // Nothing is written before all is computed: where the run is stopped, the folder is as it was.
  arguments.threads = options.threads;
  arguments.classes.clear();
  const std::string report = std::exchange(arguments.report, {});
  const std::string json = std::exchange(arguments.json, {});
  auto results = spade::explain_tool::explain_all(arguments, pictures_to_explain(scenes), interruption);
  results.options.class_names = spade::demo::class_names();
  interruption.begin_writing();
  write_pictures(out, scenes);
  spade::explain_tool::write_results(report, json, results);
  const auto tool = program().replace_filename("spade-explain");
  fmt::print("\n{}\nthe same by hand:\n  {}{}\n\nthe report: {}\n",
             spade::explain_tool::summary_text(results), tool.string(),
             arguments.command.substr(words.front().size()),
             fs::absolute(report).lexically_normal().string());
  return std::fflush(stdout) == 0 ? 0 : 1;
}

int run(const Options& options, Interruption& interruption) {
  using namespace spade::demo;
  const fs::path out = options.out;
  check_folder(out);
  if (!options.train.empty()) spade::explain_tool::check_writable(options.train);
  spade::set_thread_count(static_cast<int>(options.threads));
  // The network's layers are too small to be shared out: LibTorch's threads would mostly wait for each other,
  // on a busy machine for minutes. The solvers have work for all processors.
  at::set_num_threads(std::max(1, static_cast<int>(options.threads)));

  const std::string model = network_file(options, interruption);
  const auto graph = spade::load_graph(model, network_input(draw_scenes(0, 0, 1, 0.0)));
  constexpr std::int64_t trials = 200;
  fmt::print(
      "network {}: of {} fresh scenes it names {} rightly; with a trigger, {} become the trigger's class\n",
      model, trials, count_right(graph, draw_scenes(options.seed + 1, 0, trials, 0.0)),
      count_right(graph, draw_scenes(options.seed + 2, 0, trials, 1.0)));
  if (std::fflush(stdout) != 0) return 1;
  const auto scenes = triggered_scenes(graph, options.pictures, options.seed);
  if (!options.pictures_only) return explain(options, model, scenes, interruption);
  interruption.begin_writing();
  write_pictures(out, scenes);
  fmt::print("{} pictures with a trigger: {}\n", options.pictures, (out / "pictures").string());
  return std::fflush(stdout) == 0 ? 0 : 1;
}

void declare(CLI::App& app, Options& to) {
  app.add_option("--out", to.out, fmt::format("Folder for pictures and report [{}]", to.out))
      ->type_name("FOLDER");
  auto* train = app.add_option("--train", to.train,
                               "Train the network anew, write it to FILE, and use it [the shipped one]")
                    ->type_name("FILE.pt");
  app.add_option("--steps", to.steps,
                 fmt::format("How long to train; a step takes some 0.15 s [{}]", to.steps))
      ->type_name("N")
      ->check(CLI::PositiveNumber)
      ->needs(train);
  app.add_option("--pictures", to.pictures, fmt::format("How many pictures to explain [{}]", to.pictures))
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  app.add_flag("--pictures-only", to.pictures_only, "Write the pictures and their list, and explain none");
  app.add_option("--augmentations", to.augmentations,
                 fmt::format("Augmented copies of each for its trace [{}]", to.augmentations))
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  app.add_option("--seed", to.seed, fmt::format("Seed of pictures and copies [{}]", to.seed))->type_name("N");
  app.add_option("--threads", to.threads,
                 "Threads; 0 is as many as processors may be used for the solvers and one for LibTorch [0]")
      ->type_name("N")
      ->check(CLI::Range(0, 4096));
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

} // namespace

int main(int count, char** values) {
  Interruption interruption("spade-demo");
  Options options;
  CLI::App app{"Draws pictures with a known trigger, lets a trojaned network fall for it, and explains why, "
               "with the dense\n"
               "network and with its sparse traces.",
               "spade-demo"};
  declare(app, options);
  try {
    app.parse(count, values);
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", app.help());
    return 0;
  } catch (const CLI::ParseError& error) {
    fmt::print(stderr, "spade-demo: {}; see spade-demo --help\n", first_line(error.what()));
    return 2;
  }
  try {
    return run(options, interruption);
  } catch (const spade::Interrupted&) {
    fmt::print(stderr, "spade-demo: interrupted; no report was written\n");
    return interruption.exit_code();
  } catch (const std::exception& error) {
    fmt::print(stderr, "spade-demo: {}\n", first_line(error.what()));
  }
  return 1;
}
