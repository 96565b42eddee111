// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/model_files.hpp"

#include <set>
#include <utility>

#include <torch/script.h>

#include "folders.hpp"

namespace spade::benchmarks {

namespace fs = std::filesystem;

namespace {

const std::string io_ending = ".io.pt";

} // namespace

fs::path ModelFile::traced() const {
  return path.parent_path() / (network + "_traced.pt");
}

at::Tensor ModelFile::batch(std::int64_t size) const {
  const auto samples =
      torch::jit::load((path.parent_path() / (network + io_ending)).string()).attr("x").toTensor();
  std::vector<std::int64_t> times(static_cast<std::size_t>(samples.dim()), 1);
  times.front() = (size + samples.size(0) - 1) / samples.size(0);
  return samples.repeat(times).narrow(0, 0, size).clone();
}

std::vector<ModelFile> model_files() {
  const fs::path folder = models_folder();
  if (!fs::is_directory(folder)) return {};
  std::set<std::string> networks;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto name = entry.path().filename().string();
    if (name.ends_with(io_ending)) networks.insert(name.substr(0, name.size() - io_ending.size()));
  }
  std::vector<ModelFile> files;
  for (const auto& network : networks) {
    for (const auto& [format, ending] : {std::pair{"traced", "_traced.pt"},
                                         std::pair{"scripted", "_scripted.pt"}, std::pair{"pt2", ".pt2"}}) {
      const auto path = folder / (network + ending);
      if (fs::exists(path)) files.push_back({network, format, path});
    }
  }
  return files;
}

} // namespace spade::benchmarks
