// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Small TorchScript modules from source text, saved to a folder that goes with the test.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>
#include <torch/csrc/jit/api/module.h>

#include <spade/layer_graph.hpp>

namespace spade::testing {

/// A module: methods in TorchScript's Python, tensors, and child modules.
struct Scripted {
  std::string source;
  std::vector<std::pair<std::string, at::Tensor>> parameters;
  std::vector<std::pair<std::string, at::Tensor>> buffers;
  std::vector<std::pair<std::string, Scripted>> children;
};

/// A folder of its own, removed with everything in it.
class Scratch {
public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  [[nodiscard]] std::string path(const std::string& name) const { return (folder_ / name).string(); }
  [[nodiscard]] std::string write(const std::string& name, const std::string& content) const;
  [[nodiscard]] std::string save(const Scripted& module, const std::string& name = "model.pt") const;

private:
  std::filesystem::path folder_;
};

/// Saves and loads.
[[nodiscard]] LayerGraph graph_of(const Scripted& module, const at::Tensor& example);

/// A module without attributes whose forward is a graph in TorchScript's intermediate representation: what only
/// traces have.
[[nodiscard]] torch::jit::Module from_ir(const std::string& graph);

/// The module's own forward pass of a saved file, in evaluation mode.
[[nodiscard]] at::Tensor source_forward(const std::string& path, const at::Tensor& input);

/// Reproducible numbers of either sign.
[[nodiscard]] at::Tensor numbers(at::IntArrayRef shape, double scale = 1.0);

/// Operator names of a graph's nodes, in order.
[[nodiscard]] std::vector<std::string> operators(const LayerGraph& graph);

} // namespace spade::testing
