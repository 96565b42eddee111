// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "arguments.hpp"

#include <limits>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "methods.hpp"
#include "value_checks.hpp"

namespace spade::explain_tool {
namespace {

// Far above what anyone computes, and far below where a product of two of them overflows.
constexpr std::uint64_t many = 1'000'000'000;
constexpr std::uint64_t largest_size = 4096;
constexpr std::uint64_t most_threads = 1024;

// As a shell reads it back: plain where possible, else in single quotes.
std::string quoted(const std::string& word) {
  static constexpr const char* plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./,:=+@%";
  if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
  std::string text = "'";
  for (const char c : word)
    text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

std::string one_line(std::string text) {
  text = text.substr(0, text.find('\n'));
  while (!text.empty() && (text.back() == '.' || text.back() == ' '))
    text.pop_back();
  return text;
}

void declare(CLI::App& app, Arguments& to) {
  app.add_option("MODEL", to.model, "model file (TorchScript or torch.export); its output is [N, classes]")
      ->required()
      ->check(file_name());
  auto* picture =
      app.add_option("PICTURE", to.picture, "The picture whose decision is explained: PNG or JPEG")
          ->check(file_name());
  app.set_version_flag("--version", fmt::format("spade-explain {}", SPADE_VERSION));

  const std::string pictures = "Pictures";
  auto* index =
      app.add_option("--pictures", to.index,
                     "Explain all pictures of this JSON list: per entry {\"id\", \"target\"}; the picture is "
                     "pictures/ID_trojan.png beside the list, its mask pictures/ID_mask.png; \"picture\" and "
                     "\"mask\" name other files")
          ->type_name("INDEX.json")
          ->check(file_name())
          ->group(pictures)
          ->excludes(picture);
  app.add_option("--limit", to.limit, "Take only the first N of them")
      ->type_name("N")
      ->transform(whole_number(1, many))
      ->group(pictures)
      ->needs(index);
  app.add_option("--mask", to.mask,
                 "Where the decision should come from: white on black; adds the AUC of each map")
      ->type_name("FILE.png")
      ->check(file_name())
      ->group(pictures)
      ->excludes(index);
  app.add_option("--target", to.target,
                 "The class to explain [the dense network's top class; in an index, its own]")
      ->type_name("N")
      ->transform(whole_number(0, many))
      ->group(pictures);
  app.add_option("--classes", to.classes, "Names of the classes, one a line")
      ->type_name("FILE")
      ->check(file_name())
      ->group(pictures);
  app.add_option("--size", to.size,
                 "Resize the shorter edge to N * 256 / 224 and crop the central N x N pixels [N = 224 where "
                 "the shorter "
                 "edge is above 224; a smaller picture is taken as it is]")
      ->type_name("N")
      ->transform(whole_number(1, largest_size))
      ->group(pictures);

  const std::string trace = "Trace";
  app.add_option("--interpreter", to.interpreters,
                 fmt::format("A list, with commas: {}; or all [{}]", fmt::join(interpreter_names(), ", "),
                             fmt::join(default_interpreters(), ",")))
      ->type_name("LIST")
      ->delimiter(',')
      ->group(trace);
  app.add_option("--pruner", to.pruner, fmt::format("{} [{}]", fmt::join(pruner_names(), ", "), to.pruner))
      ->type_name("NAME")
      ->group(trace);
  app.add_flag("--sequential", to.sequential,
               "Prune each layer on what it sees once the layers before it are pruned, towards the dense "
               "network's output")
      ->group(trace);
  auto* sparsity = app.add_option("--sparsity", to.sparsity, "Fraction of zeros in every layer, in [0, 1]")
                       ->type_name("S")
                       ->check(number())
                       ->group(trace);
  app.add_option(
         "--plan", to.plan,
         "Sparsity per layer, as JSON (docs/spade-explain.md) [by the quarters of the layers' order 50, "
         "80, 90 and 95 %; with depthwise layers 40, 60, 75 and 85 %, and those 30 %; the first dense]")
      ->type_name("FILE.json")
      ->check(file_name())
      ->group(trace)
      ->excludes(sparsity);
  app.add_option("--augmenter", to.augmenter,
                 fmt::format("{} [{}]", fmt::join(augmenter_names(), ", "), to.augmenter))
      ->type_name("NAME")
      ->group(trace);
  app.add_option("--augmentations", to.augmentations,
                 fmt::format("Augmented copies of a picture [{}]", to.augmentations))
      ->type_name("N")
      ->transform(whole_number(1, many))
      ->group(trace);
  app.add_option("--seed", to.seed, fmt::format("Seed of the copies and of a random pruner [{}]", to.seed))
      ->type_name("N")
      ->transform(whole_number(0, std::numeric_limits<std::uint64_t>::max()))
      ->group(trace);
  app.add_option(
         "--positions-per-column", to.positions_per_column,
         fmt::format("Estimate a layer's statistics from N positions per column of its weight; 0 is all "
                     "[{}]",
                     to.positions_per_column))
      ->type_name("N")
      ->transform(whole_number(0, many))
      ->group(trace);

  const std::string output = "Output";
  app.add_option("--report", to.report, "Write a page with all maps")
      ->type_name("FILE.html")
      ->check(file_name())
      ->group(output);
  app.add_option("--json", to.json, "Write all figures")
      ->type_name("FILE.json")
      ->check(file_name())
      ->group(output);
  app.add_option("--title", to.title, "The page's title")->type_name("TEXT")->group(output);

  const std::string machine = "Machine (the results do not depend on these)";
  app.add_option("--threads", to.threads, "Threads; 0 is as many as processors may be used [0]")
      ->type_name("N")
      ->transform(whole_number(0, most_threads))
      ->group(machine);
}

} // namespace

Parsed parse_arguments(int count, const char* const* values) {
  Parsed parsed;
  auto& arguments = parsed.arguments;
  for (int i = 0; i < count; ++i)
    arguments.command += (i > 0 ? " " : "") + quoted(i > 0 ? values[i] : "spade-explain");
  CLI::App app{"Explains a network's decision on a picture through its sparse trace: the network pruned for "
               "that picture alone.",
               "spade-explain"};
  declare(app, arguments);
  try {
    app.parse(count, values);
    if (arguments.picture.empty() && arguments.index.empty()) {
      throw CLI::RequiredError("PICTURE (or --pictures INDEX.json)");
    }
  } catch (const CLI::CallForHelp&) {
    parsed.answer = Answer{app.help(), 0};
  } catch (const CLI::CallForVersion& version) {
    parsed.answer = Answer{std::string(version.what()) + "\n", 0};
  } catch (const CLI::ParseError& error) {
    parsed.answer =
        Answer{fmt::format("spade-explain: {}; see spade-explain --help\n", one_line(error.what())), 2};
  }
  return parsed;
}

} // namespace spade::explain_tool
