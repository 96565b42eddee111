// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// spade_parity FAMILY: runs the manifest's cases of one family (its top folder) and prints one line for each.
// spade_parity others: names the cases of families that are not read here; 77 if there are any.
// spade_parity networks FOLDER: a table of the networks in a folder, see networks.hpp.
// Exit code 0: all passed or were skipped by name; 1: one failed; 77: there is no folder of reference values.
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <string_view>

#include <torch/script.h>

#include "parity/families.hpp"
#include "parity/networks.hpp"
#include "parity/parity.hpp"

namespace spade::parity {

std::map<std::string, at::Tensor> read_container(const std::filesystem::path& folder,
                                                 const nlohmann::json& entry) {
  const auto module = torch::jit::load((folder / entry.at("file").get<std::string>()).string());
  std::map<std::string, at::Tensor> tensors;
  for (const auto& item : entry.at("tensors").items())
    tensors[item.key()] = module.attr(item.key()).toTensor();
  return tensors;
}

double relative_l2(const at::Tensor& a, const at::Tensor& b) {
  const auto reference = b.to(at::kDouble);
  return (a.to(at::kDouble) - reference).norm().item<double>() / reference.norm().item<double>();
}

} // namespace spade::parity

namespace {

using namespace spade::parity;
using Status = Outcome::Status;

// The rest of the manifest, by name: what no family here reads.
int list_others(const std::vector<nlohmann::json>& manifest) {
  int others = 0;
  for (const auto& entry : manifest) {
    const auto file = entry.at("file").get<std::string>();
    const auto family = file.substr(0, file.find('/'));
    if (families().contains(family)) continue;
    ++others;
    std::cout << "skipped " << file << ": family \"" << family << "\" is not read here\n";
  }
  std::cout << "others: " << others << " skipped by name\n";
  return others == 0 ? 0 : 77;
}

} // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "networks") {
    const int wrong = print_networks(argv[2]);
    if (wrong < 0) std::cerr << argv[2] << ": no network there (NAME.io.pt)\n";
    return wrong == 0 ? 0 : 1;
  }
  const std::string others = "others";
  if (argc != 2 || (argv[1] != others && !families().contains(argv[1]))) {
    std::cerr << "usage: spade_parity FAMILY, one of:";
    for (const auto& [name, run] : families())
      std::cerr << ' ' << name;
    std::cerr << "; or: spade_parity others; or: spade_parity networks FOLDER\n";
    return 2;
  }
  const std::string family = argv[1];
  const char* chosen = std::getenv("SPADE_SHARED_DIR");
  const std::filesystem::path folder =
      std::filesystem::path(chosen != nullptr ? chosen : SPADE_SHARED_DIR) / "parity";
  std::ifstream file(folder / "MANIFEST.json");
  if (!file) {
    std::cout << "SKIPPED: no reference values at " << folder
              << "; set SPADE_SHARED_DIR to the folder above parity/\n";
    return 77;
  }
  const auto manifest = nlohmann::json::parse(file).get<std::vector<nlohmann::json>>();
  if (family == others) return list_others(manifest);
  std::map<Status, int> counts;
  for (const auto& entry : manifest) {
    const Case parity_case{entry, folder, manifest};
    if (!parity_case.file().starts_with(family + "/")) continue;
    Outcome outcome;
    try {
      outcome = families().at(family)(parity_case);
    } catch (const std::exception& error) {
      outcome = failed(error.what());
    }
    ++counts[outcome.status];
    std::cout << (outcome.status == Status::Passed   ? "passed  "
                  : outcome.status == Status::Failed ? "FAILED  "
                                                     : "skipped ")
              << parity_case.file() << ": " << outcome.detail << std::endl;
  }
  std::cout << family << ": " << counts[Status::Passed] << " passed, " << counts[Status::Failed]
            << " failed, " << counts[Status::Skipped] << " skipped by name\n";
  if (counts[Status::Passed] + counts[Status::Failed] + counts[Status::Skipped] == 0) {
    std::cout << "the manifest has no case of this family\n";
    return 77;
  }
  return counts[Status::Failed] == 0 ? 0 : 1;
}
