// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include <spade/graph/node.hpp>

namespace spade::graph {

/// Calls visit(slot reference) for every slot that an argument reads, in order.
template <class Arg, class Visit> void for_each_slot(Arg& argument, const Visit& visit) {
  if (auto* slot = std::get_if<SlotRef>(&argument.value)) {
    visit(*slot);
  } else if (auto* list = std::get_if<std::vector<Argument>>(&argument.value)) {
    for (auto& element : *list)
      for_each_slot(element, visit);
  }
}

/// Collects the nodes that an importer emits, in order of execution, and makes a program of them.
class ProgramBuilder {
public:
  /// The network's input gets the first slot.
  explicit ProgramBuilder(std::string source);

  /// Announces a name before use, so that tied tensors get the first of their names.
  void announce(const std::string& name, const at::Tensor& tensor);
  /// The parameter with these elements: the same memory, seen the same way, is one parameter.
  ParameterId parameter(const std::string& name, const at::Tensor& tensor);
  [[nodiscard]] const Parameter& parameter(ParameterId id) const { return program_->parameters[id]; }

  [[nodiscard]] SlotId input() const { return program_->input; }

  /// Appends a node; `floating` says of each output whether it is a floating-point tensor. Returns the
  /// outputs' slots.
  std::vector<SlotId> add(Node node, const std::vector<bool>& floating);

  void keep_alive(std::shared_ptr<const void> object) { program_->keep_alive.push_back(std::move(object)); }

  /// Removes nodes that nothing needs, finds last uses, activity and prunable layers.
  /// @throws UnsupportedOperator where the output is not a value computed by a node
  [[nodiscard]] std::shared_ptr<const Program> finish(const Argument& output, const at::Tensor& example);

private:
  void remove_dead_nodes();
  [[nodiscard]] bool depends_on_input() const;
  void mark_activity(bool input_floating);
  void find_last_uses();

  using Memory = std::tuple<const void*, std::vector<std::int64_t>, std::vector<std::int64_t>, int>;
  [[nodiscard]] static Memory memory_of(const at::Tensor& tensor);

  std::shared_ptr<Program> program_;
  std::map<Memory, std::string> names_;
  std::map<Memory, ParameterId> parameters_;
  std::vector<bool> slot_floating_;
};

/// Lists the layers whose weight is a parameter, and the ones that cannot be pruned; fills the program's
/// fields.
void find_layers(Program& program);

} // namespace spade::graph
