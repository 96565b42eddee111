// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// torch.export archives by hand: a graph in JSON and its tensors.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>
#include <nlohmann/json.hpp>

#include "graph/zip_writer.hpp"

namespace spade::testing {

/// Arguments of a node, as the graph's JSON has them.
[[nodiscard]] nlohmann::json value(const std::string& name);
[[nodiscard]] nlohmann::json values(const std::vector<std::string>& names);
[[nodiscard]] nlohmann::json size(const std::string& name);

/// An exported network that is put together node by node. Whatever it holds can be changed before it is
/// saved.
class ExportedNetwork {
public:
  /// One input, "x", of float32; a dimension is a number, the name of a symbol, or an expression of symbols.
  explicit ExportedNetwork(const std::vector<nlohmann::json>& input_shape);

  ExportedNetwork& parameter(const std::string& name, const at::Tensor& tensor);
  ExportedNetwork& buffer(const std::string& name, const at::Tensor& tensor);
  /// A node of one result, without a dtype or shape of it.
  ExportedNetwork& node(const std::string& target,
                        const std::vector<std::pair<std::string, nlohmann::json>>& arguments,
                        const std::string& result, const std::string& module = "");
  ExportedNetwork& output(const std::string& name);
  ExportedNetwork& range(const std::string& symbol, const nlohmann::json& least, const nlohmann::json& most);

  [[nodiscard]] std::vector<ZipFile> files() const;
  /// The entries as torch 2.8 writes them: pickled tensors.
  [[nodiscard]] std::vector<ZipFile> pickled_files() const;
  /// The entries as torch 2.6 writes them: pickled tensors, and no folder.
  [[nodiscard]] std::vector<ZipFile> plain_files() const;
  [[nodiscard]] std::string archive() const { return zip(files()); }

  nlohmann::json program;                     ///< models/model.json
  nlohmann::json config;                      ///< data/weights/model_weights_config.json
  std::map<std::string, std::string> weights; ///< data/weights/...

private:
  std::vector<std::pair<std::string, at::Tensor>> tensors_;
  void store(const std::string& name, const at::Tensor& tensor, bool is_parameter);
  [[nodiscard]] nlohmann::json& graph() { return program["graph_module"]["graph"]; }
  [[nodiscard]] nlohmann::json& signature() { return program["graph_module"]["signature"]; }
};

/// x [N, 3, 6, 6] -> conv, batch norm, relu_, adaptive pool, flatten, linear -> [N, 4]
[[nodiscard]] ExportedNetwork small_exported();

} // namespace spade::testing
