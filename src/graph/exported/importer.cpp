// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// A torch.export archive holds tensors and a list of operators in JSON. There is no executable source to
// check against, so the list itself, run as it was recorded, is the reference.
#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <c10/util/Exception.h>

#include <spade/core/error.hpp>
#include <spade/layer_graph.hpp>

#include "../format.hpp"
#include "../self_check.hpp"
#include "exported_archive.hpp"
#include "lowering.hpp"
#include "recording.hpp"

namespace spade::graph {
namespace {

using exported::ExportedArchive;
using exported::InputSpec;

/// The input that is explained. All others are tensors of the model, or constants.
const InputSpec& network_input(const ExportedArchive& archive) {
  const InputSpec* found = nullptr;
  for (const auto& spec : archive.document.inputs) {
    if (spec.kind != InputSpec::Kind::UserInput) continue;
    if (found != nullptr) {
      throw UnsupportedOperator(message("it takes the inputs \"", found->value, "\" and \"", spec.value,
                                        "\"; networks of one input are explained"));
    }
    found = &spec;
  }
  if (found == nullptr) throw UnsupportedOperator("it takes no input");
  return *found;
}

/// The first output that is a tensor.
const exported::Operand& network_output(const exported::Document& document) {
  for (const auto& output : document.outputs) {
    if (!output.user && output.effect.find("user_input") == std::string::npos) {
      throw UnsupportedOperator(message("it keeps state (", output.effect,
                                        "), so it changes with every call; export a network without state"));
    }
  }
  for (const auto& output : document.outputs) {
    if (output.user && output.value.kind == exported::Operand::Kind::Name && !output.value.numeric)
      return output.value;
  }
  throw UnsupportedOperator("it gives no tensor");
}

/// The model's own tensors by what the graph calls them.
class ModelTensors {
public:
  ModelTensors(const std::string& path, const ExportedArchive& archive) : archive_(archive) {
    for (const auto& spec : archive.document.inputs) {
      if (spec.kind == InputSpec::Kind::UserInput || spec.kind == InputSpec::Kind::ConstantInput) continue;
      const auto& tensor = find(spec);
      check_finite(path, spec.name, tensor, spec.kind == InputSpec::Kind::Parameter);
      const auto meta = archive.document.tensors.find(spec.value);
      if (meta == archive.document.tensors.end()) continue;
      if (const auto difference = exported::differs(meta->second, tensor, {}); !difference.empty())
        throw FileError(message("model file \"", path, "\" is damaged: \"", spec.name, "\" ", difference));
    }
  }

  [[nodiscard]] const at::Tensor& find(const InputSpec& spec) const {
    for (const auto* tensors : {&archive_.state, &archive_.constants}) {
      if (const auto found = tensors->find(spec.name); found != tensors->end()) return found->second;
    }
    throw FileError(message("it is damaged: its tensor \"", spec.name, "\" is missing"));
  }

private:
  const ExportedArchive& archive_;
};

/// Refuses inputs that the network was not exported for before it runs.
Node guard(const exported::InputContract& contract, SlotId input) {
  Node node;
  node.op = "spade::guard";
  node.guard = true;
  node.argument_names = {"input"};
  node.arguments = {{SlotRef{input}, nullptr}};
  node.run = [contract](std::vector<c10::IValue>& stack) {
    (void)contract.check(stack.back().toTensor());
    stack.clear();
  };
  return node;
}

void self_check(const std::string& path, const std::shared_ptr<const Program>& program,
                const exported::Recording& recording, const exported::InputContract& contract,
                const std::string& name, const at::Tensor& example) {
  const LayerGraph graph(program);
  const c10::AutoGradMode no_gradients(false);
  std::vector<at::Tensor> inputs{example};
  if (contract.takes_batch(example, example.size(0) + 1)) inputs.push_back(other_batch(example));
  for (const auto& input : inputs) {
    at::Tensor expected;
    for (const auto& value : recording.run(name, input, contract.check(input))) {
      if (!value.isTensor()) continue;
      expected = value.toTensor();
      break;
    }
    check_output(path, graph, input, expected, /*rewritten=*/false);
  }
}

std::shared_ptr<const Program> import_checked(const std::string& path, const at::Tensor& example) {
  const auto archive = exported::read_exported(path);
  const auto& document = archive.document;
  const auto& input = network_input(archive);
  const auto meta = document.tensors.find(input.value);
  if (meta == document.tensors.end())
    throw FileError(message("it is damaged: nothing is said about its input \"", input.value, "\""));
  const exported::InputContract contract(input.value, meta->second, document.ranges, document.conditions);
  contract.check_type(example);
  (void)contract.check(example);
  const auto& output = network_output(document);
  const auto instructions = exported::bind(document.nodes);

  ProgramBuilder builder(path);
  builder.add(guard(contract, builder.input()), {});
  symbolic::Emitter emitter(builder, example,
                            "export the network again after ep = ep.run_decompositions({})");
  const ModelTensors tensors(path, archive);
  const auto read = exported::names_read(instructions, output);
  exported::Symbols symbols;
  std::unordered_map<std::string, c10::IValue> values;
  for (const auto& spec : document.inputs) {
    switch (spec.kind) {
    case InputSpec::Kind::UserInput:
      symbols[spec.value] =
          symbolic::make_tensor(example.detach().clone(), {SlotRef{builder.input()}, nullptr});
      break;
    case InputSpec::Kind::ConstantInput:
      symbols[spec.value] = symbolic::make_constant(spec.constant.constant);
      values[spec.value] = spec.constant.constant;
      break;
    default:
      builder.announce(spec.name, tensors.find(spec));
      if (read.contains(spec.value)) symbols[spec.value] = emitter.parameter(spec.name, tensors.find(spec));
      values[spec.value] = tensors.find(spec);
    }
  }
  const c10::AutoGradMode no_gradients(false);
  const auto result = exported::lower(emitter, instructions, std::move(symbols), output);
  if (!result->is(symbolic::Symbol::Kind::Tensor)) throw UnsupportedOperator("its output is no tensor");
  auto program = builder.finish(result->reference, example);
  self_check(path, program, exported::Recording(document, instructions, std::move(values)), contract,
             input.value, example);
  return program;
}

template <class Kind> [[noreturn]] void rethrow(const std::string& path, const Kind& error) {
  const std::string text = error.what();
  const auto prefix = message("model file \"", path, "\"");
  if (text.starts_with(prefix)) throw error;
  throw Kind(message(prefix, ": ", text));
}

std::shared_ptr<const Program> import(const std::string& path, const at::Tensor& example) {
  try {
    return import_checked(path, example);
  } catch (const ShapeMismatch& error) {
    rethrow(path, error);
  } catch (const InvalidArgument& error) {
    rethrow(path, error);
  } catch (const UnsupportedOperator& error) {
    rethrow(path, error);
  } catch (const FileError& error) {
    rethrow(path, error);
  } catch (const Error&) {
    throw;
  } catch (const c10::Error& error) {
    const std::string text = error.what_without_backtrace();
    throw FileError(
        message("model file \"", path, "\" cannot be lowered: ", text.substr(0, text.find('\n'))));
  } catch (const std::exception& error) {
    throw FileError(message("model file \"", path, "\" cannot be lowered: ", error.what()));
  }
}

} // namespace

Format exported_format() {
  return {"torch.export", &exported::is_exported, &import};
}

} // namespace spade::graph
