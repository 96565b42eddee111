// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include <spade/graph/node.hpp>
#include <spade/graph/weight_set.hpp>
#include <spade/layer.hpp>
#include <spade/traceable_graph.hpp>

namespace spade {

/// A network as a list of tensor operators: immutable, cheap to copy, runnable, and open to rules.
///
/// An importer (graph/importer.hpp) makes it from a model file. A sparse trace is the same list with other weights
/// over some parameters: it shares every operator and every other tensor with the dense graph.
/// Memory: a forward pass frees each value after its last use.
class LayerGraph {
 public:
  using Tensor = at::Tensor;

  /// Called during a forward pass with a node and its inputs and outputs, right after it ran.
  using NodeObserver = std::function<void(const graph::Node& node, const std::vector<at::Tensor>& inputs,
                                          const std::vector<at::Tensor>& outputs)>;

  explicit LayerGraph(std::shared_ptr<const graph::Program> program);

  [[nodiscard]] static TensorView view(const at::Tensor& tensor);

  [[nodiscard]] const std::vector<Layer>& layers() const;
  /// The index of a layer. @throws InvalidArgument on an unknown name (the text lists the nearest ones)
  [[nodiscard]] std::size_t layer_index(const std::string& name) const;

  /// The network's (first) output; bit-equal to the source's own forward pass, in the caller's gradient mode.
  [[nodiscard]] at::Tensor forward(const at::Tensor& input) const;
  [[nodiscard]] at::Tensor forward(const at::Tensor& input, const LayerObserver& observer) const;
  [[nodiscard]] at::Tensor forward(const at::Tensor& input, const NodeObserver& observer) const;

  /// This graph with other weights over some parameters; what an earlier call replaced stays replaced.
  [[nodiscard]] LayerGraph with_weights(std::span<const LayerWeight> weights) const;
  [[nodiscard]] LayerGraph with_weights(const graph::WeightSet& weights) const;

  [[nodiscard]] const std::vector<graph::Node>& nodes() const;
  [[nodiscard]] const graph::Program& program() const { return *program_; }
  /// The tensor a parameter has in this graph: the replaced one, or the dense network's.
  [[nodiscard]] const at::Tensor& parameter(graph::ParameterId id) const;
  /// Hash of the dense network's operators, names and weights, the same on every machine.
  [[nodiscard]] std::uint64_t fingerprint() const;

 private:
  std::shared_ptr<const graph::Program> program_;
  graph::WeightSet weights_;
};

}  // namespace spade
