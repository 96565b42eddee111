// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "input_checks.hpp"

#include <string>
#include <utility>

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

} // namespace

void check_results(const Arguments& arguments, const std::vector<PictureEntry>& entries) {
  std::vector<NamedFile> results{{"--report", arguments.report}, {"--json", arguments.json}};
  std::erase_if(results, [](const NamedFile& file) { return file.path.empty(); });
  if (!results.empty()) check_apart(results, inputs_of(arguments, entries));
  for (const auto& result : results)
    check_writable(result.path);
}

} // namespace spade::explain_tool
