// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "support/networks.hpp"

#include <cstdint>
#include <sstream>

#include <spade/core/rng.hpp>

#include "graph/scripted.hpp"

namespace spade::support {
namespace {

/// The submodule at a dotted path, made where it is missing.
testing::Scripted& submodule(testing::Scripted& network, const std::string& path) {
  auto* module = &network;
  std::istringstream parts(path);
  for (std::string part; std::getline(parts, part, '.');) {
    auto& children = module->children;
    auto child = children.begin();
    while (child != children.end() && child->first != part)
      ++child;
    module =
        child != children.end() ? &child->second : &children.emplace_back(part, testing::Scripted{}).second;
  }
  return *module;
}

} // namespace

LayerGraph load_network(const NetworkSource& source, const at::Tensor& example) {
  testing::Scripted network;
  for (const auto& [name, tensor] : source.parameters) {
    const auto dot = name.rfind('.');
    auto& owner = submodule(network, dot == std::string::npos ? "" : name.substr(0, dot));
    owner.parameters.emplace_back(dot == std::string::npos ? name : name.substr(dot + 1), tensor);
  }
  for (const auto& [path, body] : source.forward) {
    std::istringstream lines(body);
    auto& method = submodule(network, path).source;
    method = "def forward(self, x):\n";
    for (std::string line; std::getline(lines, line);)
      method += "    " + line + "\n";
  }
  return testing::graph_of(network, example);
}

LayerGraph load_network(const std::map<std::string, at::Tensor>& parameters, const std::string& body,
                        const at::Tensor& example) {
  return load_network(NetworkSource{parameters, {{"", body}}}, example);
}

at::Tensor normal(at::IntArrayRef shape, std::uint64_t seed) {
  auto tensor = at::empty(shape, at::kDouble);
  RandomStream stream(seed, 0);
  for (std::int64_t i = 0; i < tensor.numel(); ++i)
    tensor.data_ptr<double>()[i] = stream.normal();
  return tensor;
}

} // namespace spade::support
