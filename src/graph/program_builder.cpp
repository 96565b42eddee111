// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "program_builder.hpp"

#include <algorithm>
#include <functional>

#include <spade/core/error.hpp>

namespace spade::graph {

ProgramBuilder::ProgramBuilder(std::string source) : program_(std::make_shared<Program>()) {
  program_->source = std::move(source);
  program_->slot_count = 1;
  slot_floating_.push_back(true);
}

ProgramBuilder::Memory ProgramBuilder::memory_of(const at::Tensor& tensor) {
  // An empty tensor has no address: it is told apart by its object, and so never tied to another.
  const bool strided = tensor.layout() == at::kStrided && tensor.numel() > 0;
  return {strided ? static_cast<const void*>(tensor.data_ptr()) : tensor.unsafeGetTensorImpl(),
          tensor.sizes().vec(), strided ? tensor.strides().vec() : std::vector<std::int64_t>{},
          static_cast<int>(tensor.scalar_type())};
}

void ProgramBuilder::announce(const std::string& name, const at::Tensor& tensor) {
  names_.emplace(memory_of(tensor), name);
}

ParameterId ProgramBuilder::parameter(const std::string& name, const at::Tensor& tensor) {
  const auto memory = memory_of(tensor);
  const auto [place, added] = parameters_.try_emplace(memory, program_->parameters.size());
  if (added) {
    const auto announced = names_.find(memory);
    program_->parameters.push_back({announced == names_.end() ? name : announced->second, tensor});
  }
  return place->second;
}

std::vector<SlotId> ProgramBuilder::add(Node node, const std::vector<bool>& floating) {
  std::vector<SlotId> outputs;
  for (const bool is_floating : floating) {
    outputs.push_back(program_->slot_count++);
    slot_floating_.push_back(is_floating);
  }
  node.outputs = outputs;
  node.kind = kind_of(node.op);
  program_->nodes.push_back(std::move(node));
  return outputs;
}

void ProgramBuilder::remove_dead_nodes() {
  std::vector<bool> needed(program_->slot_count, false);
  needed[program_->output] = true;
  auto& nodes = program_->nodes;
  std::vector<bool> keep(nodes.size(), false);
  for (std::size_t i = nodes.size(); i-- > 0;) {
    keep[i] = nodes[i].guard || std::any_of(nodes[i].outputs.begin(), nodes[i].outputs.end(),
                                            [&](SlotId slot) { return needed[slot]; });
    if (!keep[i]) continue;
    for (const auto& argument : nodes[i].arguments) {
      for_each_slot(argument, [&](const SlotRef& slot) { needed[slot.id] = true; });
    }
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (!keep[i]) continue;
    if (kept != i) nodes[kept] = std::move(nodes[i]);
    nodes[kept].id = kept;
    ++kept;
  }
  nodes.resize(kept);
}

bool ProgramBuilder::depends_on_input() const {
  std::vector<bool> depends(program_->slot_count, false);
  depends[program_->input] = true;
  for (const auto& node : program_->nodes) {
    bool reads = false;
    for (const auto& argument : node.arguments)
      for_each_slot(argument, [&](const SlotRef& slot) { reads = reads || depends[slot.id]; });
    for (const auto output : node.outputs)
      depends[output] = reads;
  }
  return depends[program_->output];
}

void ProgramBuilder::mark_activity(bool input_floating) {
  auto& active = program_->slot_active;
  active.assign(program_->slot_count, false);
  active[program_->input] = input_floating;
  std::vector<bool> tokens(program_->slot_count, false); // integers that are computed from integer input
  tokens[program_->input] = !input_floating;
  for (auto& node : program_->nodes) {
    bool reads_active = false;
    bool reads_tokens = false;
    for (const auto& argument : node.arguments) {
      for_each_slot(argument, [&](const SlotRef& slot) {
        reads_active = reads_active || active[slot.id];
        reads_tokens = reads_tokens || tokens[slot.id];
      });
    }
    const bool measures = node.op == "aten::size" || node.op == "aten::sym_size" || node.op == "aten::numel";
    const bool starts = node.kind == OpKind::Embedding && reads_tokens;
    for (const auto output : node.outputs) {
      active[output] = (reads_active || starts) && slot_floating_[output];
      tokens[output] = reads_tokens && !measures && !slot_floating_[output];
      node.active = node.active || active[output];
    }
  }
}

void ProgramBuilder::find_last_uses() {
  std::vector<bool> read_later(program_->slot_count, false);
  read_later[program_->output] = true;
  for (auto node = program_->nodes.rbegin(); node != program_->nodes.rend(); ++node) {
    for (const auto output : node->outputs) {
      if (!read_later[output]) node->dies.push_back(output);
    }
    std::vector<std::reference_wrapper<SlotRef>> reads;
    for (auto& argument : node->arguments) {
      for_each_slot(argument, [&](SlotRef& slot) { reads.push_back(slot); });
    }
    for (auto read = reads.rbegin(); read != reads.rend(); ++read) {
      SlotRef& slot = *read;
      slot.last = !read_later[slot.id];
      if (slot.last) node->dies.push_back(slot.id);
      read_later[slot.id] = true;
    }
  }
}

std::shared_ptr<const Program> ProgramBuilder::finish(const Argument& output, const at::Tensor& example) {
  const auto* slot = std::get_if<SlotRef>(&output.value);
  if (slot == nullptr || slot->id == program_->input) {
    throw UnsupportedOperator(
        message(program_->source, ": the network's output does not depend on its input"));
  }
  program_->output = slot->id;
  program_->example_shape = example.sizes().vec();
  remove_dead_nodes();
  if (!depends_on_input()) {
    throw UnsupportedOperator(
        message(program_->source, ": the network's output does not depend on its input"));
  }
  mark_activity(example.is_floating_point());
  find_last_uses();
  find_layers(*program_);
  return std::exchange(program_, nullptr);
}

} // namespace spade::graph
