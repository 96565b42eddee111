// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "parity/networks.hpp"

#include <iostream>
#include <set>
#include <sstream>
#include <string>

#include <torch/script.h>

#include <spade/core/error.hpp>
#include <spade/graph/importer.hpp>

#include "parity/forward.hpp"

namespace spade::parity {
namespace {

namespace fs = std::filesystem;

std::string verdict(const std::string& difference, const char* agreement) {
  return difference.empty() ? agreement : "**no**: " + difference;
}

// One file's cells, and whether everything agrees.
std::pair<std::string, bool> compare(const fs::path& file, const fs::path& source, const at::Tensor& x,
                                     const at::Tensor& y) {
  std::ostringstream cells;
  const auto graph = load_graph(file.string(), x.narrow(0, 0, 1));
  std::int64_t weights = 0;
  for (const auto& layer : graph.layers())
    weights += layer.weight.size();
  const double error = relative_l2(graph.forward(x), y);
  std::string bits = "there is no traced file to compare with";
  bool fused = false;
  if (fs::exists(source)) {
    const auto module = torch::jit::load(source.string());
    fused = calls_fused_attention(module);
    bits = compare_with_source(graph, module, x, fused);
  }
  const bool tokens = !x.is_floating_point();
  const auto gradients = tokens ? std::string() : compare_gradients(graph, x);
  cells.precision(1);
  cells << graph.program().nodes.size() << " | " << graph.layers().size() << " | " << weights << " | "
        << std::scientific << error << " | "
        << verdict(bits, fused ? "equal; without gradients to 1e-5" : "equal") << " | "
        << verdict(gradients, tokens ? "tokens" : "equal");
  return {cells.str(), bits.empty() && gradients.empty() && error < 1e-5};
}

} // namespace

int print_networks(const fs::path& folder) {
  const std::string ending = ".io.pt";
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto name = entry.path().filename().string();
    if (name.ends_with(ending)) names.insert(name.substr(0, name.size() - ending.size()));
  }
  if (names.empty()) return -1;
  std::cout
      << "| network | format | nodes | layers | weights | error against Python | forward | gradients |\n"
         "| --- | --- | ---: | ---: | ---: | ---: | --- | --- |"
      << std::endl;
  int wrong = 0;
  for (const auto& name : names) {
    const auto container = torch::jit::load((folder / (name + ending)).string());
    const auto traced = folder / (name + "_traced.pt");
    for (const auto& [format, suffix] :
         {std::pair{"traced", "_traced.pt"}, std::pair{"scripted", "_scripted.pt"},
          std::pair{"torch.export", ".pt2"}}) {
      const auto file = folder / (name + suffix);
      if (!fs::exists(file)) continue;
      std::pair<std::string, bool> result;
      try {
        const bool exported = std::string_view(suffix) == ".pt2";
        result = compare(file, exported ? traced : file, container.attr("x").toTensor(),
                         container.attr("y").toTensor());
      } catch (const std::exception& error) {
        result = {std::string("| | | | **no**: ") + error.what() + " |", false};
      }
      wrong += result.second ? 0 : 1;
      std::cout << "| " << name << " | " << format << " | " << result.first << " |" << std::endl;
    }
  }
  return wrong;
}

} // namespace spade::parity
