// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <span>
#include <sstream>

#include <torch/script.h>

#include <torch/csrc/jit/runtime/graph_executor.h>

#include <spade/core/error.hpp>
#include <spade/layer_graph.hpp>

#include "../format.hpp"
#include "../mapped_file.hpp"
#include "../printable.hpp"
#include "../self_check.hpp"
#include "../zip.hpp"
#include "code_check.hpp"
#include "lowering.hpp"
#include "pickle_check.hpp"

namespace spade::graph {
namespace {

using c10::IValue;

/// The first line of LibTorch's text that says anything, without the bytes of a damaged file that it may
/// quote.
std::string gist(const std::exception& error) {
  const auto* torch_error = dynamic_cast<const c10::Error*>(&error);
  std::istringstream text(torch_error != nullptr ? torch_error->what_without_backtrace() : error.what());
  std::string line;
  while (std::getline(text, line)) {
    line = printable(line, line.size());
    if (line.find_first_not_of(" ?") != std::string::npos) return line.substr(0, 300);
  }
  return "it gives no reason";
}

/// TorchScript's interpreter says where first and what was wrong last.
std::string last_line(std::string text) {
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

/// LibTorch gives an entry the memory that it claims to unpack to; it compresses nothing itself but code and
/// where its lines come from.
void check_compressed(const std::vector<ZipEntry>& entries, std::uint64_t file_size,
                      const std::string& what) {
  constexpr std::uint64_t mib = std::uint64_t{1} << 20;
  const std::uint64_t most = torchscript::most_read(file_size);
  std::uint64_t unpacked = 0;
  for (const auto& entry : entries) {
    if (!entry.compressed) continue;
    if (entry.size > most - unpacked) {
      throw FileError(message(
          what, ": its compressed entries, \"", entry.name, "\" the last, unpack to over ", most / mib,
          " MiB, which no network does; pack it again without compression ", "(zip -0), or save it anew"));
    }
    unpacked += entry.size;
  }
}

/// LibTorch does not look at checksums.
void check_contents(const std::vector<ZipEntry>& entries, const std::vector<torchscript::CodeFile>& code,
                    const std::string& what) {
  for (const auto& entry : entries) {
    if (!entry.compressed) (void)content(entry, what);
    for (const auto& part : code) {
      if (entry.compressed && entry.name.ends_with('/' + part.name))
        check_content(entry, std::as_bytes(std::span(part.text)), what);
    }
  }
}

torch::jit::Module load_module(const std::string& path) {
  const auto what = message("model file \"", path, '"');
  try {
    const MappedFile file(path);
    const auto entries = read_zip(file.bytes(), what);
    check_compressed(entries, file.bytes().size(), what);
    const auto code = torchscript::read_code(path);
    check_contents(entries, code, what);
    torchscript::check_code(code, what);
    torchscript::check_pickles(path, file.bytes(), entries, what);
    auto module = torch::jit::load(path, torch::kCPU);
    torchscript::check_functions(*module._ivalue()->compilation_unit(), what);
    module.eval();
    return module;
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    throw FileError(
        message(what, " is damaged or was written by an unknown version of TorchScript: ", gist(error)));
  }
}

/// The first tensor of a network's result, depth first.
symbolic::SymbolPtr first_tensor(const symbolic::SymbolPtr& symbol) {
  if (symbol->is(symbolic::Symbol::Kind::Tensor)) return symbol;
  for (const auto& element : symbol->elements) {
    if (auto found = first_tensor(element)) return found;
  }
  return nullptr;
}

at::Tensor first_tensor(const IValue& value) {
  if (value.isTensor()) return value.toTensor();
  std::vector<IValue> elements;
  if (value.isList()) elements = value.toListRef().vec();
  if (value.isTuple()) elements = value.toTupleRef().elements();
  if (value.isGenericDict()) {
    for (const auto& entry : value.toGenericDict())
      elements.push_back(entry.value());
  }
  for (const auto& element : elements) {
    if (auto found = first_tensor(element); found.defined()) return found;
  }
  return {};
}

void self_check(const std::string& path, torch::jit::Module& module,
                const std::shared_ptr<const Program>& program, const at::Tensor& example,
                const torchscript::Lowering& lowering) {
  const LayerGraph graph(program);
  const c10::AutoGradMode mode(lowering.assumes_gradients());
  // The source as it is written: TorchScript's optimiser may take operators apart (addmm) and round
  // otherwise.
  const torch::jit::GraphOptimizerEnabledGuard unoptimised(false);
  for (const auto& input : {example, other_batch(example)}) {
    at::Tensor expected;
    try {
      expected = first_tensor(module.forward({input.clone()}));
    } catch (const std::exception& error) {
      if (input.is_same(example)) {
        throw ShapeMismatch(message("model file \"", path, "\": the network refuses the example ",
                                    shape_text(example.sizes()), ": ", last_line(error.what())));
      }
      throw UnsupportedOperator(
          message("model file \"", path, "\": the network takes a batch of ", example.size(0), " but not of ",
                  input.size(0), ", so its export fixed the batch size; export it ",
                  "again with sizes taken from the input (flatten(1), x.size(0)). It says: ",
                  last_line(error.what())));
    }
    check_output(path, graph, input, expected, lowering.rewrote());
  }
}

std::shared_ptr<const Program> import(const std::string& path, const at::Tensor& example) {
  auto module = std::make_shared<torch::jit::Module>(load_module(path));
  const auto method = module->find_method("forward");
  if (!method)
    throw FileError(message("model file \"", path, "\" holds a TorchScript module without a forward method"));
  ProgramBuilder builder(path);
  for (const auto& parameter : module->named_parameters()) {
    check_finite(path, parameter.name, parameter.value, true);
    builder.announce(parameter.name, parameter.value);
  }
  for (const auto& buffer : module->named_buffers()) {
    check_finite(path, buffer.name, buffer.value, false);
    builder.announce(buffer.name, buffer.value);
  }

  torchscript::Lowering lowering(builder, example);
  std::vector<symbolic::SymbolPtr> arguments{
      lowering.symbol_of(IValue(module->_ivalue()), ""),
      symbolic::make_tensor(example.detach().clone(), {SlotRef{builder.input()}, nullptr})};
  const auto& schema = method->function().getSchema();
  for (std::size_t i = arguments.size(); i < schema.arguments().size(); ++i) {
    const auto& argument = schema.arguments()[i];
    if (!argument.default_value()) {
      throw UnsupportedOperator(message("model file \"", path, "\": forward wants a second input, \"",
                                        argument.name(), "\"; networks of one input are explained"));
    }
    arguments.push_back(lowering.symbol_of(*argument.default_value(), argument.name()));
  }
  if (schema.arguments().size() < 2) {
    throw UnsupportedOperator(message("model file \"", path, "\": forward takes no input"));
  }

  std::shared_ptr<const Program> program;
  try {
    const c10::AutoGradMode no_gradients(false);
    const auto output = lowering.call(method->function(), arguments, "");
    symbolic::check_extent(*output);
    const auto result = first_tensor(output);
    if (result == nullptr) throw UnsupportedOperator("the network gives no tensor");
    lowering.emitter().refresh(result, {"the output", ""});
    builder.keep_alive(module);
    program = builder.finish(result->reference, example);
  } catch (const ShapeMismatch& error) {
    throw ShapeMismatch(message("model file \"", path, "\", example ", shape_text(example.sizes()),
                                " of type ", c10::toString(example.scalar_type()), ": ", error.what()));
  } catch (const UnsupportedOperator& error) {
    throw UnsupportedOperator(message("model file \"", path, "\": ", error.what()));
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    throw FileError(message("model file \"", path, "\" cannot be lowered: ", gist(error)));
  }
  self_check(path, *module, program, example, lowering);
  return program;
}

} // namespace

Format torchscript_format() {
  return {"TorchScript",
          [](const Archive& archive) { return archive.has("constants.pkl") && archive.has_folder("code"); },
          &import};
}

} // namespace spade::graph
