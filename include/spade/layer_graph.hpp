// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
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
/// An importer (graph/importer.hpp) makes it from a model file. A sparse trace is the same list with other
/// weights over some parameters: it shares every operator and every other tensor with the dense graph.
/// Memory: a forward pass frees each value after its last use.
class LayerGraph {
public:
  using Tensor = at::Tensor;

  /// Called during a forward pass for every operator right after it ran, with its tensor operands in argument
  /// order (lists flattened, parameters included) and its outputs. It may keep the tensors.
  using NodeObserver = std::function<void(const graph::Node& node, const std::vector<at::Tensor>& inputs,
                                          const std::vector<at::Tensor>& outputs)>;

  explicit LayerGraph(std::shared_ptr<const graph::Program> program);

  /// The tensor as the solvers see it; shares and owns its memory.
  /// @throws InvalidArgument where it is undefined, not strided, of rank over TensorView::max_rank, or
  ///   neither float32 nor float64; DeviceError on a device other than cpu and cuda
  [[nodiscard]] static TensorView view(const at::Tensor& tensor);

  /// The prunable layers in order of first use, with the weights that this graph has.
  [[nodiscard]] const std::vector<Layer>& layers() const { return *layers_; }
  /// Layers that have a weight and cannot be pruned (transposed convolutions, half precision), each with the
  /// reason.
  [[nodiscard]] const std::vector<graph::UnsupportedLayer>& unsupported_layers() const;
  /// The index of a layer. @throws InvalidArgument on an unknown name (the text lists the nearest ones), or
  /// one that cannot be pruned (the text has the reason)
  [[nodiscard]] std::size_t layer_index(const std::string& name) const;

  /// The network's (first) output [N, ...]; bit-equal to the source's own forward pass, in the caller's
  /// gradient mode.
  ///
  /// With an observer the bits are the same. A layer's input is shown right before the layer runs.
  /// Memory: a value is freed after its last use; with gradients on, autograd keeps what it needs.
  /// @throws InvalidArgument where the input is undefined
  /// @throws ShapeMismatch where an operator does not accept the input (the text names node, module and
  /// shapes)
  /// @throws UnsupportedOperator where the input would take another path through the network than the example
  /// did
  [[nodiscard]] at::Tensor forward(const at::Tensor& input) const;
  [[nodiscard]] at::Tensor forward(const at::Tensor& input, const LayerObserver& observer) const;
  [[nodiscard]] at::Tensor forward(const at::Tensor& input, const NodeObserver& observer) const;

  /// A forward pass that stops before each use of a prunable layer (SteppableGraph). Its memory is that of
  /// the values still needed.
  class Walk {
  public:
    Walk(Walk&&) noexcept;
    Walk& operator=(Walk&&) noexcept;
    ~Walk();

  private:
    friend class LayerGraph;
    struct State;
    explicit Walk(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
  };

  /// A pass over the input that has run nothing yet. @throws InvalidArgument where the input is undefined
  [[nodiscard]] Walk begin(const at::Tensor& input) const;
  /// Runs to the next use of a prunable layer with this graph's weights; nothing at the end. Throws as
  /// forward.
  /// @throws InvalidArgument where the walk was begun on another network
  [[nodiscard]] std::optional<LayerStop> advance(Walk& walk) const;

  /// Calls work() on up to `threads` of LibTorch's own threads at the same time (ConcurrentGraph).
  ///
  /// Inside, every operator runs on its thread alone, without gradients: threads that each run a batch
  /// neither wait for each other at each operator nor wake and spin, and the bits do not depend on their
  /// number.
  static void side_by_side(std::int64_t threads, const std::function<void()>& work);

  /// This graph with other weights over some layers; what an earlier call replaced stays replaced.
  ///
  /// The values are copied and converted to the parameter's own shape, strides, type and device; all other
  /// tensors are shared. This graph and its tensors do not change. Cost: the given weights, and two lists.
  /// @throws InvalidArgument on an index out of range, or named twice
  /// @throws ShapeMismatch where a weight is not the layer's [G, R, C]
  /// @throws NumericalError where a weight is not finite; DeviceError where it is not on the CPU
  [[nodiscard]] LayerGraph with_weights(std::span<const LayerWeight> weights) const;
  /// The same by parameter. The tensors are shared, not copied, and their values are not looked at.
  /// @throws InvalidArgument where there is no such parameter; ShapeMismatch where a tensor has not its shape
  ///   and type
  [[nodiscard]] LayerGraph with_weights(const graph::WeightSet& weights) const;

  [[nodiscard]] const std::vector<graph::Node>& nodes() const;
  [[nodiscard]] const graph::Program& program() const { return *program_; }
  /// The tensor a parameter has in this graph: the replaced one, or the dense network's.
  /// @throws InvalidArgument where there is no such parameter
  [[nodiscard]] const at::Tensor& parameter(graph::ParameterId id) const;
  /// Hash of the dense network's operators, names and weights, the same on every (little-endian) machine.
  /// Cost: reads every weight once.
  [[nodiscard]] std::uint64_t fingerprint() const;

private:
  std::shared_ptr<const graph::Program> program_;
  std::shared_ptr<const std::vector<at::Tensor>>
      tensors_;                                      ///< by parameter: the replaced one, or the program's
  std::shared_ptr<const std::vector<Layer>> layers_; ///< over the memory of tensors_
};

} // namespace spade
