// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "input_checks.hpp"

#include <string>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <spade/core/error.hpp>

#include "output_file.hpp"

namespace spade::explain_tool {
namespace {

std::vector<NamedFile> inputs_of(const Arguments& arguments, const std::vector<PictureEntry>& entries) {
  std::vector<NamedFile> inputs{{"the model", arguments.model},
                                {"the plan", arguments.plan},
                                {"the class names", arguments.classes},
                                {"the list of pictures", arguments.index}};
  for (const auto& entry : entries) {
    inputs.push_back({"a picture", entry.path});
    inputs.push_back({"a mask", entry.mask});
  }
  std::erase_if(inputs, [](const NamedFile& file) { return file.path.empty(); });
  return inputs;
}

// Without what a programmer could do about it.
std::string cause(const UnsupportedOperator& error) {
  const std::string_view text = error.what();
  return std::string(text.substr(0, text.find_first_of(";\n")));
}

struct Trials {
  std::vector<std::string> able;
  std::vector<std::string> unable;
  std::string cause; // of the first that is unable
};

Trials try_all(const std::vector<AnyInterpreter>& interpreters, const LayerGraph& graph,
               const at::Tensor& input) {
  Trials trials;
  for (const auto& interpreter : interpreters) {
    try {
      interpreter.try_on(graph, input);
      trials.able.push_back(interpreter.name());
    } catch (const UnsupportedOperator& error) {
      if (trials.unable.empty()) trials.cause = cause(error);
      trials.unable.push_back(interpreter.name());
    }
  }
  return trials;
}

} // namespace

void check_results(const Arguments& arguments, const std::vector<PictureEntry>& entries) {
  std::vector<NamedFile> results{{"--report", arguments.report}, {"--json", arguments.json}};
  std::erase_if(results, [](const NamedFile& file) { return file.path.empty(); });
  if (!results.empty()) check_apart(results, inputs_of(arguments, entries));
  for (const auto& result : results)
    check_writable(result.path);
}

void check_prunable(const Arguments& arguments, const LayerGraph& graph) {
  const bool asked = arguments.sparsity.value_or(0.0) > 0.0 || !arguments.plan.empty();
  if (!asked || !graph.layers().empty()) return;
  std::string reasons;
  for (const auto& layer : graph.unsupported_layers())
    reasons += fmt::format("; {}: {}", layer.name, layer.reason);
  throw InvalidArgument(fmt::format("{}: it has no layer that can be pruned, so {} cannot be followed{}",
                                    arguments.model, arguments.plan.empty() ? "--sparsity" : "--plan",
                                    reasons));
}

void check_interpreters(const std::vector<AnyInterpreter>& interpreters, const LayerGraph& graph,
                        const at::Tensor& input, const std::string& model) {
  const auto trials = try_all(interpreters, graph, input);
  if (trials.unable.empty()) return;
  auto able = trials.able;
  if (able.empty()) able = try_all(interpreters_named(default_interpreters()), graph, input).able;
  auto text = fmt::format("{}: no map by {} ({})", model, fmt::join(trials.unable, ", "), trials.cause);
  if (!able.empty()) text += fmt::format("; --interpreter {} works", fmt::join(able, ","));
  throw UnsupportedOperator(text);
}

} // namespace spade::explain_tool
