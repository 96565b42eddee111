// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "executor.hpp"

#include <c10/core/GradMode.h>
#include <c10/util/Exception.h>

#include <spade/core/error.hpp>

namespace spade::graph {
namespace {

/// True where nobody can see operand 0 change: it is on the stack alone, is all of its memory's owners, and
/// autograd does not look.
bool may_overwrite(const std::vector<c10::IValue>& stack) {
  if (!stack.front().isTensor()) return false;
  const auto& operand = stack.front().toTensor();
  if (operand.use_count() != 1 || !operand.has_storage() || operand.storage().use_count() != 1) return false;
  if (!c10::GradMode::is_enabled()) return true;
  for (const auto& value : stack) {
    if (value.isTensor() && value.toTensor().defined() && value.toTensor().requires_grad()) return false;
  }
  return true;
}

std::string operand_shapes(const std::vector<at::Tensor>& tensors) {
  std::string text;
  for (const auto& tensor : tensors) {
    if (tensor.defined()) text += (text.empty() ? "" : " ") + shape_text(tensor.sizes());
  }
  return text;
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

} // namespace

void append_tensors(const c10::IValue& value, std::vector<at::Tensor>& tensors) {
  if (value.isTensor()) {
    tensors.push_back(value.toTensor());
  } else if (value.isList()) {
    for (const auto& element : value.toListRef())
      append_tensors(element, tensors);
  } else if (value.isTuple()) {
    for (const auto& element : value.toTupleRef().elements())
      append_tensors(element, tensors);
  }
}

c10::IValue Frame::value(const Argument& argument, bool keep) {
  switch (argument.value.index()) {
  case 0:
    return std::get<0>(argument.value);
  case 1:
    return (*parameters_)[std::get<1>(argument.value).id];
  case 2: {
    const auto& reference = std::get<2>(argument.value);
    if (reference.last && !keep) return std::move(slots_[reference.id]);
    return slots_[reference.id];
  }
  default:
    break;
  }
  const auto& elements = std::get<3>(argument.value);
  if (argument.element == nullptr) {
    std::vector<c10::IValue> values;
    for (const auto& element : elements)
      values.push_back(value(element, keep));
    return c10::ivalue::Tuple::create(std::move(values));
  }
  c10::impl::GenericList list(argument.element);
  list.reserve(elements.size());
  for (const auto& element : elements)
    list.push_back(value(element, keep));
  return list;
}

std::vector<c10::IValue> Frame::stack(const Node& node, bool keep) {
  std::vector<c10::IValue> stack;
  stack.reserve(node.arguments.size() + 1);
  for (const auto& argument : node.arguments)
    stack.push_back(value(argument, keep));
  return stack;
}

void Frame::store(const Node& node, std::vector<c10::IValue>& stack) {
  for (std::size_t i = 0; i < node.outputs.size(); ++i)
    slots_[node.outputs[i]] = std::move(stack[i]);
}

void Frame::free_dying(const Node& node) {
  for (const auto slot : node.dies)
    slots_[slot] = c10::IValue();
}

namespace {

/// Runs `run`, one of the node's ways, as run_node.
void run_as(const Node::Run& run, const Program& program, const Node& node, std::vector<c10::IValue>& stack,
            const at::Tensor& input) {
  std::vector<at::Tensor>
      tensors; // filled before the operator takes its operands off the stack, if it fails at once
  try {
    run(stack);
  } catch (const c10::Error& error) {
    for (const auto& value : stack)
      append_tensors(value, tensors);
    const auto shapes = operand_shapes(tensors);
    const auto text =
        message(program.source, ": input ", shape_text(input.sizes()), " of type ",
                c10::toString(input.scalar_type()), " does not go through the network (made with an example ",
                shape_text(program.example_shape), "): ", node.where(), shapes.empty() ? "" : " on " + shapes,
                ": ", first_line(error.what_without_backtrace()));
    throw ShapeMismatch(text);
  }
}

/// Runs one node on the frame, in place where the source did so and nobody can see it.
void run_in_frame(const Program& program, const Node& node, Frame& frame, const at::Tensor& input) {
  auto stack = frame.stack(node, false);
  const bool in_place = node.run_in_place && may_overwrite(stack);
  run_as(in_place ? node.run_in_place : node.run, program, node, stack, input);
  frame.store(node, stack);
  frame.free_dying(node);
}

/// The same, shown to the observer; never in place.
void run_observed(const Program& program, const Node& node, Frame& frame, const at::Tensor& input,
                  const LayerGraph::NodeObserver& observer) {
  std::vector<at::Tensor> inputs;
  for (const auto& argument : node.arguments)
    append_tensors(frame.value(argument, true), inputs);
  auto stack = frame.stack(node, false);
  run_node(program, node, stack, input);
  std::vector<at::Tensor> outputs;
  for (const auto& value : stack)
    append_tensors(value, outputs);
  observer(node, inputs, outputs);
  frame.store(node, stack);
  frame.free_dying(node);
}

Frame frame_of(const Program& program, const std::vector<at::Tensor>& parameters, const at::Tensor& input) {
  if (!input.defined()) throw InvalidArgument(message(program.source, ": the input is an undefined tensor"));
  Frame frame(program, parameters);
  frame.slot(program.input) = input;
  return frame;
}

} // namespace

void run_node(const Program& program, const Node& node, std::vector<c10::IValue>& stack,
              const at::Tensor& input) {
  run_as(node.run, program, node, stack, input);
}

Walker::Walker(const Program& program, const std::vector<at::Tensor>& parameters, const at::Tensor& input)
    : program_(&program), input_(input), frame_(frame_of(program, parameters, input)) {}

std::optional<LayerStop> Walker::advance(const std::vector<at::Tensor>& parameters) {
  frame_.use(parameters);
  const auto& uses = program_->layer_uses;
  for (; node_ < program_->nodes.size(); ++node_) {
    const Node& node = program_->nodes[node_];
    while (use_ < uses.size() && uses[use_].node < node_)
      ++use_;
    if (use_ < uses.size() && uses[use_].node == node_) {
      const auto& use = uses[use_++];
      const auto value = frame_.value(node.arguments[use.input], true).toTensor();
      // A convolution also takes one sample without the batch dimension.
      const auto& window = program_->layers[use.layer].window;
      const bool single =
          !window.empty() && static_cast<std::size_t>(value.dim()) == window.kernel.size() + 1;
      return LayerStop{use.layer, LayerGraph::view(single ? value.unsqueeze(0) : value)};
    }
    run_in_frame(*program_, node, frame_, input_);
  }
  return std::nullopt;
}

at::Tensor execute(const Program& program, const std::vector<at::Tensor>& parameters, const at::Tensor& input,
                   const LayerGraph::NodeObserver* observer) {
  Frame frame = frame_of(program, parameters, input);
  for (const auto& node : program.nodes) {
    if (observer != nullptr && !node.guard) {
      run_observed(program, node, frame, input, *observer);
    } else {
      run_in_frame(program, node, frame, input);
    }
  }
  return frame.slot(program.output).toTensor();
}

} // namespace spade::graph
