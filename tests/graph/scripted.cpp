// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "graph/scripted.hpp"

#include <fstream>
#include <random>

#include <torch/csrc/jit/ir/irparser.h>
#include <torch/script.h>

#include <spade/graph/importer.hpp>

namespace spade::testing {
namespace {

torch::jit::Module build(const Scripted& scripted, const std::string& name) {
  torch::jit::Module module(name);
  for (const auto& [key, tensor] : scripted.parameters)
    module.register_parameter(key, tensor, false);
  for (const auto& [key, tensor] : scripted.buffers)
    module.register_buffer(key, tensor);
  // Children of one class name would be one class: every path gets its own.
  for (const auto& [key, child] : scripted.children)
    module.register_module(key, build(child, name + "_" + key));
  module.define(scripted.source);
  return module;
}

} // namespace

Scratch::Scratch() {
  std::random_device device;
  folder_ = std::filesystem::temp_directory_path() / ("spade_graph_" + std::to_string(device()));
  std::filesystem::create_directories(folder_);
}

Scratch::~Scratch() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string Scratch::write(const std::string& name, const std::string& content) const {
  std::ofstream(folder_ / name, std::ios::binary) << content;
  return path(name);
}

std::string Scratch::save(const Scripted& module, const std::string& name) const {
  build(module, "Network").save(path(name));
  return path(name);
}

LayerGraph graph_of(const Scripted& module, const at::Tensor& example) {
  const Scratch scratch;
  return load_graph(scratch.save(module), example);
}

torch::jit::Module from_ir(const std::string& graph) {
  torch::jit::Module module("__torch__.Traced");
  const auto parsed = std::make_shared<torch::jit::Graph>();
  torch::jit::parseIR(graph, parsed.get());
  parsed->inputs().at(0)->setType(module.type());
  const auto unit = module._ivalue()->compilation_unit();
  module.type()->addMethod(
      unit->create_function(c10::QualifiedName(*module.type()->name(), "forward"), parsed));
  return module;
}

at::Tensor source_forward(const std::string& path, const at::Tensor& input) {
  auto module = torch::jit::load(path);
  module.eval();
  return module.forward({input.clone()}).toTensor();
}

std::vector<std::string> operators(const LayerGraph& graph) {
  std::vector<std::string> names;
  for (const auto& node : graph.nodes())
    names.push_back(node.op);
  return names;
}

} // namespace spade::testing
