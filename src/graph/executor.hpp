// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include <spade/layer_graph.hpp>

namespace spade::graph {

/// Appends the tensors of a value, lists flattened.
void append_tensors(const c10::IValue& value, std::vector<at::Tensor>& tensors);

/// The values of a running program.
class Frame {
public:
  Frame(const Program& program, const std::vector<at::Tensor>& parameters)
      : program_(&program), parameters_(&parameters), slots_(program.slot_count) {}

  /// What runs from here on reads these tensors.
  void use(const std::vector<at::Tensor>& parameters) { parameters_ = &parameters; }

  [[nodiscard]] c10::IValue& slot(SlotId id) { return slots_[id]; }

  /// An argument's value; the last reader of a slot takes it out, unless `keep`.
  [[nodiscard]] c10::IValue value(const Argument& argument, bool keep);
  /// The node's arguments, in order, ready to run.
  [[nodiscard]] std::vector<c10::IValue> stack(const Node& node, bool keep);
  /// Moves the outputs from the stack to their slots and frees what dies here.
  void store(const Node& node, std::vector<c10::IValue>& stack);
  void free_dying(const Node& node);

private:
  const Program* program_;
  const std::vector<at::Tensor>* parameters_;
  std::vector<c10::IValue> slots_;
};

/// Runs one node on its stack. An error of the operator becomes one that names the node, its module and the
/// shapes of its operands; `input` is the network's, for the text.
void run_node(const Program& program, const Node& node, std::vector<c10::IValue>& stack,
              const at::Tensor& input);

/// A forward pass that stops before each use of a prunable layer.
class Walker {
public:
  Walker(const Program& program, const std::vector<at::Tensor>& parameters, const at::Tensor& input);

  /// Runs to the next use of a layer, with these parameters; nothing at the end.
  [[nodiscard]] std::optional<LayerStop> advance(const std::vector<at::Tensor>& parameters);
  /// The program's output, once it has run.
  [[nodiscard]] at::Tensor output() { return frame_.slot(program_->output).toTensor(); }

private:
  const Program* program_;
  at::Tensor input_;
  Frame frame_;
  std::size_t node_ = 0; ///< the next to run
  std::size_t use_ = 0;  ///< of the program's layer uses, the next to stop at
};

/// Runs the program; the observer, where there is one, sees each operator.
[[nodiscard]] at::Tensor execute(const Program& program, const std::vector<at::Tensor>& parameters,
                                 const at::Tensor& input, const LayerGraph::NodeObserver* observer);

} // namespace spade::graph
