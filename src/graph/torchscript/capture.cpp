// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// LibTorch's tracer records a function as a TorchScript graph. It takes the network's tensors for constants
// unless they are attributes of a module, so they get one: a tree of modules by the names' dots, sharing the
// tensors.
#include <spade/graph/capture.hpp>

#include <map>
#include <set>

#include <torch/script.h>

#include <torch/csrc/jit/frontend/tracer.h>

#include <spade/core/error.hpp>

#include "../self_check.hpp"
#include "lowering.hpp"

namespace spade {
namespace {

namespace jit = torch::jit;
using graph::Parameter;

constexpr const char* source = "the captured network";

struct Tree {
  std::map<std::string, at::Tensor> tensors;
  std::map<std::string, Tree> children;
};

Tree tree_of(const std::vector<Parameter>& parameters) {
  Tree root;
  std::set<std::string> names;
  for (const auto& [name, tensor] : parameters) {
    if (name.empty() || !tensor.defined() || !names.insert(name).second) {
      throw InvalidArgument(message("capture: the tensor \"", name, "\" is ",
                                    !tensor.defined() ? "undefined"
                                    : name.empty()    ? "without a name"
                                                      : "there twice"));
    }
    auto* at = &root;
    auto rest = name;
    for (auto dot = rest.find('.'); dot != std::string::npos; dot = rest.find('.')) {
      at = &at->children[rest.substr(0, dot)];
      rest = rest.substr(dot + 1);
    }
    at->tensors[rest] = tensor;
  }
  return root;
}

jit::Module module_of(const Tree& tree, const std::string& type) {
  jit::Module module(type);
  for (const auto& [name, tensor] : tree.tensors) {
    const bool parameter = tensor.is_leaf() && tensor.requires_grad();
    if (parameter) module.register_parameter(name, tensor, false);
    if (!parameter) module.register_buffer(name, tensor);
  }
  // Children of one class name would be one class: every path gets its own.
  for (const auto& [name, child] : tree.children)
    module.register_module(name, module_of(child, type + "_" + name));
  return module;
}

std::string first_line(const std::exception& error) {
  const auto* torch_error = dynamic_cast<const c10::Error*>(&error);
  const std::string text = torch_error != nullptr ? torch_error->what_without_backtrace() : error.what();
  return text.substr(0, text.find('\n'));
}

std::shared_ptr<jit::Graph> record(const std::function<at::Tensor(const at::Tensor&)>& forward,
                                   jit::Module& module, const at::Tensor& example) {
  try {
    const auto traced = jit::tracer::trace(
        {example.detach().clone()},
        [&](jit::Stack inputs) -> jit::Stack { return {forward(inputs.front().toTensor())}; },
        [](const torch::autograd::Variable&) { return std::string(); }, /*strict=*/true,
        /*force_outplace=*/false, &module, {"x"});
    return traced.first->graph;
  } catch (const std::exception& error) {
    const auto text = first_line(error);
    if (text.find("requires grad as a constant") != std::string::npos) {
      throw UnsupportedOperator("capture: the network reads a tensor with a gradient that is not in the list "
                                "of its tensors; register "
                                "it with the module, or list it");
    }
    throw ShapeMismatch(
        message("capture: the network refuses the example ", shape_text(example.sizes()), ": ", text));
  }
}

/// Operators get the module of their first parameter; the tracer knows no modules.
std::shared_ptr<const graph::Program> with_modules(const graph::Program& program) {
  auto named = std::make_shared<graph::Program>(program);
  for (auto& node : named->nodes) {
    for (const auto& argument : node.arguments) {
      const auto* parameter = std::get_if<graph::ParameterRef>(&argument.value);
      if (parameter == nullptr || !node.module.empty()) continue;
      const auto& name = named->parameters[parameter->id].name;
      if (const auto dot = name.rfind('.'); dot != std::string::npos) node.module = name.substr(0, dot);
    }
  }
  return named;
}

void self_check(const std::function<at::Tensor(const at::Tensor&)>& forward, const LayerGraph& graph,
                const at::Tensor& example) {
  graph::check_output(source, graph, example, forward(example.clone()), false);
  const auto more = graph::other_batch(example);
  at::Tensor expected;
  try {
    expected = forward(more.clone());
  } catch (const std::exception& error) {
    throw UnsupportedOperator(message("capture: the network takes a batch of ", example.size(0),
                                      " but not of ", more.size(0), ": ", first_line(error)));
  }
  try {
    graph::check_output(source, graph, more, expected, false);
  } catch (const Error& error) {
    throw UnsupportedOperator(message(
        "capture: the recorded network fits batches of ", example.size(0),
        " only. Where forward reads the batch size "
        "as a number, as in x.view({x.size(0), -1}), it is fixed: write x.flatten(1), or -1 for the batch. (",
        error.what(), ")"));
  }
}

} // namespace

LayerGraph capture(const std::function<at::Tensor(const at::Tensor&)>& forward,
                   const std::vector<Parameter>& tensors, const at::Tensor& example) {
  if (!forward) throw InvalidArgument("capture: the forward function is empty");
  if (!example.defined() || example.dim() == 0 || example.numel() == 0) {
    throw InvalidArgument(message("capture: the example is ",
                                  example.defined() ? "of shape " + shape_text(example.sizes()) : "undefined",
                                  "; give one input with its batch dimension, [1, 3, 224, 224] for example"));
  }
  auto module = std::make_shared<jit::Module>(module_of(tree_of(tensors), "Captured"));
  graph::ProgramBuilder builder(source);
  std::map<std::string, std::int64_t> versions;
  for (const auto& [name, tensor] : tensors) {
    graph::check_finite(source, name, tensor, tensor.requires_grad());
    builder.announce(name, tensor);
    versions[name] = static_cast<std::int64_t>(tensor._version());
  }
  const c10::AutoGradMode no_gradients(false);
  const auto recorded = record(forward, *module, example);
  for (const auto& [name, tensor] : tensors) {
    if (versions[name] != static_cast<std::int64_t>(tensor._version())) {
      throw UnsupportedOperator(message("capture: forward writes to \"", name,
                                        "\", so the network changes with every call; call eval() first"));
    }
  }
  std::shared_ptr<const graph::Program> program;
  try {
    graph::torchscript::Lowering lowering(builder, example);
    auto* function = module->_ivalue()->compilation_unit()->create_function(
        c10::QualifiedName("captured_forward"), recorded, /*shouldMangle=*/true);
    const auto result =
        lowering.call(*function,
                      {lowering.symbol_of(module->_ivalue(), ""),
                       graph::torchscript::make_tensor(example.detach().clone(),
                                                       {graph::SlotRef{builder.input()}, nullptr})},
                      "");
    lowering.emitter().refresh(result, {"the output", ""});
    builder.keep_alive(module);
    program = with_modules(*builder.finish(result->reference, example));
  } catch (const c10::Error& error) {
    throw UnsupportedOperator(message("capture: the network cannot be lowered: ", first_line(error)));
  }
  LayerGraph graph(program);
  self_check(forward, graph, example);
  return graph;
}

} // namespace spade
