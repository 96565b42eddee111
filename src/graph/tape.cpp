// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <spade/graph/tape.hpp>

#include <algorithm>

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <c10/util/Exception.h>
#include <torch/csrc/autograd/autograd.h>

#include <spade/core/error.hpp>

#include "executor.hpp"

namespace spade::graph {
namespace {

using c10::IValue;

/// Calls visit(slot id, value) for every active tensor operand, in argument order, and puts its result in
/// place.
template <class Visit>
void replace_active(const Program& program, const Argument& argument, IValue& value, const Visit& visit) {
  if (const auto* slot = std::get_if<SlotRef>(&argument.value)) {
    if (program.slot_active[slot->id]) value = visit(slot->id, value.toTensor());
  } else if (const auto* list = std::get_if<std::vector<Argument>>(&argument.value)) {
    auto elements = value.isList() ? value.toListRef().vec() : value.toTupleRef().elements().vec();
    for (std::size_t i = 0; i < elements.size(); ++i)
      replace_active(program, (*list)[i], elements[i], visit);
    if (argument.element == nullptr) {
      value = c10::ivalue::Tuple::create(std::move(elements));
      return;
    }
    c10::impl::GenericList fresh(argument.element);
    for (auto& element : elements)
      fresh.push_back(std::move(element));
    value = std::move(fresh);
  }
}

std::vector<at::Tensor> detached(const std::vector<at::Tensor>& tensors) {
  std::vector<at::Tensor> result;
  for (const auto& tensor : tensors)
    result.push_back(tensor.defined() ? tensor.detach() : tensor);
  return result;
}

/// One active node as it ran.
struct Island {
  const Node* node = nullptr;
  std::vector<IValue> arguments;   ///< the operands are `leaves`
  std::vector<SlotId> slots;       ///< of the leaves
  std::vector<at::Tensor> leaves;  ///< detached operands that require gradients
  std::vector<at::Tensor> outputs; ///< with the derivative of this node alone; undefined where not a tensor
};

std::vector<at::Tensor> vector_jacobian_product(const Island& island,
                                                const std::vector<at::Tensor>& gradients) {
  if (gradients.size() != island.outputs.size()) {
    throw InvalidArgument(message("vjp at ", island.node->where(), ": ", gradients.size(), " gradients for ",
                                  island.outputs.size(), " outputs"));
  }
  std::vector<at::Tensor> outputs;
  std::vector<at::Tensor> seeds;
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    if (!gradients[i].defined() || !island.outputs[i].defined() || !island.outputs[i].requires_grad())
      continue;
    outputs.push_back(island.outputs[i]);
    seeds.push_back(gradients[i]);
  }
  std::vector<at::Tensor> result(island.leaves.size());
  if (!outputs.empty()) {
    try {
      result = torch::autograd::grad(outputs, island.leaves, seeds, /*retain_graph=*/true,
                                     /*create_graph=*/false, /*allow_unused=*/true);
    } catch (const c10::Error& error) {
      const std::string text = error.what_without_backtrace();
      throw UnsupportedOperator(message("no gradient through ", island.node->where(), ": ",
                                        text.substr(0, text.find('\n')),
                                        "; give this operator a rule of its own"));
    }
  }
  for (std::size_t i = 0; i < result.size(); ++i) {
    if (!result[i].defined()) result[i] = at::zeros_like(island.leaves[i]);
  }
  return result;
}

} // namespace

struct Tape::State {
  explicit State(LayerGraph the_graph) : graph(std::move(the_graph)) {}

  LayerGraph graph;
  std::vector<Island> islands;
  at::Tensor input;
  at::Tensor output;

  void record(const Node& node, Frame& frame) {
    const auto& program = graph.program();
    Island island;
    island.node = &node;
    auto stack = frame.stack(node, true);
    const c10::AutoGradMode gradients(true);
    for (std::size_t i = 0; i < stack.size(); ++i) {
      replace_active(program, node.arguments[i], stack[i], [&](SlotId slot, const at::Tensor& value) {
        auto leaf = value.detach().set_requires_grad(true);
        island.slots.push_back(slot);
        island.leaves.push_back(leaf);
        return leaf;
      });
    }
    island.arguments = stack;
    run_node(program, node, stack, input);
    for (auto& value : stack) {
      island.outputs.push_back(value.isTensor() ? value.toTensor() : at::Tensor());
      if (value.isTensor() && value.toTensor().defined()) value = value.toTensor().detach();
    }
    frame.store(node, stack);
    islands.push_back(std::move(island));
  }

  [[nodiscard]] std::vector<at::Tensor> rerun(const Island& island, const std::vector<at::Tensor>& inputs,
                                              const std::map<std::string, IValue>& replaced) const {
    const Node& node = *island.node;
    if (inputs.size() != island.leaves.size()) {
      throw InvalidArgument(message("rerun of ", node.where(), ": ", inputs.size(), " operands for ",
                                    island.leaves.size(), " active inputs"));
    }
    auto stack = island.arguments;
    std::size_t next = 0;
    for (std::size_t i = 0; i < stack.size(); ++i) {
      replace_active(graph.program(), node.arguments[i], stack[i],
                     [&](SlotId, const at::Tensor&) { return inputs[next++]; });
      // Parameters take part as numbers: only the operands may ask for gradients.
      if (node.arguments[i].value.index() == 1) stack[i] = stack[i].toTensor().detach();
    }
    for (const auto& [name, value] : replaced) {
      const auto found = std::find(node.argument_names.begin(), node.argument_names.end(), name);
      if (found == node.argument_names.end()) {
        throw InvalidArgument(
            message("rerun of ", node.where(), ": the operator has no argument \"", name, "\""));
      }
      stack[static_cast<std::size_t>(found - node.argument_names.begin())] = value;
    }
    const c10::AutoGradMode gradients(true);
    run_node(graph.program(), node, stack, input);
    std::vector<at::Tensor> outputs;
    for (const auto& value : stack)
      outputs.push_back(value.isTensor() ? value.toTensor() : at::Tensor());
    return outputs;
  }

  /// Applies the node's rule and checks what it gives.
  [[nodiscard]] std::vector<at::Tensor> apply(const Rule& rule, const Island& island,
                                              const std::vector<at::Tensor>& incoming) const {
    const Node& node = *island.node;
    const auto inputs = detached(island.leaves);
    const auto outputs = detached(island.outputs);
    const NodeContext context{
        node,
        graph,
        inputs,
        outputs,
        [&](const std::string& name) {
          const auto found = std::find(node.argument_names.begin(), node.argument_names.end(), name);
          if (found == node.argument_names.end()) {
            throw InvalidArgument(message(node.where(), " has no argument \"", name, "\""));
          }
          const auto& value = island.arguments[static_cast<std::size_t>(found - node.argument_names.begin())];
          return value.isTensor() && value.toTensor().defined() ? IValue(value.toTensor().detach()) : value;
        },
        [&](const std::vector<at::Tensor>& gradients) { return vector_jacobian_product(island, gradients); },
        [&](const std::vector<at::Tensor>& operands, const std::map<std::string, IValue>& replaced) {
          return rerun(island, operands, replaced);
        }};
    auto passed_on = rule(context, incoming);
    if (passed_on.size() != inputs.size()) {
      throw InvalidArgument(message("the rule for ", node.where(), " gives ", passed_on.size(),
                                    " tensors, but the node has ", inputs.size(),
                                    " inputs that depend on the network's input"));
    }
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (passed_on[i].defined() && passed_on[i].sizes() != inputs[i].sizes()) {
        throw ShapeMismatch(message("the rule for ", node.where(), " gives ",
                                    shape_text(passed_on[i].sizes()), " for input ", i, ", which is ",
                                    shape_text(inputs[i].sizes())));
      }
    }
    return passed_on;
  }
};

Tape::Tape(LayerGraph graph) : state_(std::make_unique<State>(std::move(graph))) {}
Tape::~Tape() = default;
Tape::Tape(Tape&&) noexcept = default;
Tape& Tape::operator=(Tape&&) noexcept = default;

at::Tensor Tape::forward(const at::Tensor& input) {
  const auto& program = state_->graph.program();
  if (!input.defined() || !input.is_floating_point()) {
    throw InvalidArgument(
        message(program.source, ": a reverse pass needs an input of floating-point type, not ",
                input.defined() ? c10::toString(input.scalar_type()) : "an undefined tensor"));
  }
  state_->islands.clear();
  state_->output = at::Tensor();
  state_->input = input.detach();
  const c10::AutoGradMode no_gradients(false);
  std::vector<at::Tensor> parameters;
  for (ParameterId id = 0; id < program.parameters.size(); ++id)
    parameters.push_back(state_->graph.parameter(id));
  Frame frame(program, parameters);
  frame.slot(program.input) = state_->input;
  for (const auto& node : program.nodes) {
    if (node.active) {
      state_->record(node, frame);
    } else {
      auto stack = frame.stack(node, true);
      run_node(program, node, stack, state_->input);
      frame.store(node, stack);
    }
    frame.free_dying(node);
  }
  state_->output = frame.slot(program.output).toTensor().detach();
  return state_->output;
}

at::Tensor Tape::backward(const at::Tensor& seed, const RuleSet& rules) const {
  const auto& program = state_->graph.program();
  if (!state_->output.defined())
    throw InvalidArgument(message(program.source, ": Tape::backward before Tape::forward"));
  if (!seed.defined() || seed.sizes() != state_->output.sizes()) {
    throw ShapeMismatch(message(program.source, ": the seed of a reverse pass is ",
                                seed.defined() ? shape_text(seed.sizes()) : "undefined", ", the output is ",
                                shape_text(state_->output.sizes())));
  }
  const c10::AutoGradMode no_gradients(false);
  std::vector<at::Tensor> arrived(program.slot_count);
  arrived[program.output] = seed.detach();
  for (auto island = state_->islands.rbegin(); island != state_->islands.rend(); ++island) {
    const auto& outputs = island->node->outputs;
    const bool reached =
        std::any_of(outputs.begin(), outputs.end(), [&](SlotId slot) { return arrived[slot].defined(); });
    if (!reached || island->leaves.empty()) continue; // an embedding has no operand to pass anything on to
    std::vector<at::Tensor> incoming;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      incoming.push_back(std::exchange(arrived[outputs[i]], {}));
      if (!incoming.back().defined() && program.slot_active[outputs[i]]) {
        incoming.back() = at::zeros_like(island->outputs[i]);
      }
    }
    const auto passed_on = state_->apply(rules.find(*island->node), *island, incoming);
    for (std::size_t i = 0; i < passed_on.size(); ++i) {
      if (!passed_on[i].defined()) continue;
      auto& sum = arrived[island->slots[i]];
      sum = sum.defined() ? sum + passed_on[i] : passed_on[i];
    }
  }
  auto result = arrived[program.input];
  return result.defined() ? result.detach() : at::zeros_like(state_->input);
}

} // namespace spade::graph
