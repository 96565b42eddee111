// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "trace/networks.hpp"

#include <map>

#include <ATen/ATen.h>

#include <spade/graph/importer.hpp>

#include "folders.hpp"

namespace spade::benchmarks {

const NetworkFile& resnet50() {
  static const NetworkFile file{"resnet50", "SPADE_MODELS_DIR", models_folder(), "resnet50_traced.pt", 224};
  return file;
}

const NetworkFile& resnet18() {
  static const NetworkFile file{"resnet18", "SPADE_SHARED_DIR", shared_folder(), "kit/resnet18_trojan.pt",
                                64};
  return file;
}

const LayerGraph* load(const NetworkFile& file, benchmark::State& state) {
  static std::map<std::string, LayerGraph> loaded;
  const auto path = file.folder / file.path;
  if (!std::filesystem::exists(path)) {
    state.SkipWithError(("not measured: set " + file.variable + " to a folder with " + file.path).c_str());
    return nullptr;
  }
  auto found = loaded.find(path.string());
  if (found == loaded.end()) {
    const auto example = at::rand({1, 3, file.edge, file.edge});
    found = loaded.emplace(path.string(), load_graph(path.string(), example)).first;
  }
  return &found->second;
}

} // namespace spade::benchmarks
