// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// What a reader of one file format brings; load_graph.cpp lists them.
#pragma once

#include <memory>
#include <string>

#include <ATen/core/Tensor.h>

#include <spade/graph/node.hpp>

#include "archive.hpp"

namespace spade::graph {

/// A file format of models: how it is recognised, and how it becomes a program.
struct Format {
  const char* name;
  bool (*recognises)(const Archive& archive);
  /// Lowers the network with the example and checks it against the source.
  std::shared_ptr<const Program> (*import)(const std::string& path, const at::Tensor& example);
};

/// TorchScript, torch::jit::save and torch.jit.save: code/ with the functions, constants.pkl beside.
[[nodiscard]] Format torchscript_format();

/// torch.export, torch.export.save: models/model.json, or serialized_exported_program.json; tensors beside.
[[nodiscard]] Format exported_format();

} // namespace spade::graph
