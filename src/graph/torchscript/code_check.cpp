// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "code_check.hpp"

#include <algorithm>
#include <cctype>
#include <memory>

#include <caffe2/serialize/inline_container.h>

#include <torch/csrc/jit/api/compilation_unit.h>
#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/frontend/lexer.h>
#include <torch/csrc/jit/frontend/parse_string_literal.h>
#include <torch/csrc/jit/ir/ir.h>

#include <spade/core/error.hpp>

#include "../outside_effect.hpp"

namespace spade::graph::torchscript {
namespace {

namespace jit = torch::jit;

[[noreturn]] void refuse(const std::string& what, const std::string& where, const std::string& name,
                         const OutsideEffect& effect, const std::string& why) {
  throw UnsupportedOperator(message(what, ": ", where, " has ", name, ", which ", effect.what, "; ", why,
                                    ", so it was not run; export the network without it"));
}

/// LibTorch finds the files of an archive without regard to the case of their names.
bool is_code(std::string name) {
  std::ranges::transform(name, name.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name.ends_with(".py");
}

void check_nesting(const CodeFile& file, const std::string& what) {
  constexpr std::size_t deepest = 500;
  std::size_t depth = 0;
  for (const char c : file.text) {
    if (c == '(' || c == '[' || c == '{') ++depth;
    if ((c == ')' || c == ']' || c == '}') && depth > 0) --depth;
    if (depth > deepest)
      throw FileError(message(what, ": its code nests brackets over ", deepest, " deep in ", file.name));
  }
}

/// The words of the text: identifiers and, as the parser joins them, the contents of text literals.
void check_words(const CodeFile& file, const std::string& what) {
  jit::Lexer lexer(std::make_shared<jit::Source>(file.text));
  const auto check = [&](const std::string& word) {
    if (const auto* effect = outside_effect_named(word))
      refuse(what, file.name, message('"', word, '"'), *effect,
             "some of this program runs while it is loaded");
  };
  while (lexer.cur().kind != jit::TK_EOF) {
    if (lexer.cur().kind != jit::TK_STRINGLITERAL) {
      check(std::string(lexer.next().text()));
      continue;
    }
    std::string text;
    while (lexer.cur().kind == jit::TK_STRINGLITERAL) {
      auto token = lexer.next(); // its text() is not const in LibTorch 1.13
      text += jit::parseStringLiteral(token.range, std::string(token.text()));
    }
    check(text);
  }
}

void check_block(const jit::Block& block, const std::string& function, const std::string& what) {
  for (const auto* node : block.nodes()) {
    const std::string op = node->kind().toQualString();
    const auto* effect = outside_effect(op);
    if (effect != nullptr && effect->reach == OutsideEffect::Reach::Machine)
      refuse(what, function, op, *effect, "a network reaches nothing but its tensors");
    for (const auto* inner : node->blocks())
      check_block(*inner, function, what);
    if (node->hasAttribute(c10::attr::Subgraph))
      check_block(*node->g(c10::attr::Subgraph)->block(), function, what);
  }
}

} // namespace

std::vector<CodeFile> read_code(const std::string& path) {
  caffe2::serialize::PyTorchStreamReader reader(path);
  // LibTorch would take the program from where this file says.
  if (reader.hasRecord("model.json")) {
    throw FileError(
        message("model file \"", path,
                "\" has the form of PyTorch 1.3 and before, which is not read; save it again with a "
                "later one"));
  }
  std::vector<CodeFile> files;
  for (const auto& name : reader.getAllRecords()) {
    if (!is_code(name)) continue;
    const auto record = reader.getRecord(name);
    files.push_back({name, {static_cast<const char*>(std::get<0>(record).get()), std::get<1>(record)}});
  }
  return files;
}

void check_code(const std::vector<CodeFile>& files, const std::string& what) {
  for (const auto& file : files)
    check_nesting(file, what);
  const bool runs_when_loaded = std::ranges::any_of(
      files, [](const auto& file) { return file.text.find("__setstate__") != std::string::npos; });
  if (!runs_when_loaded) return;
  for (const auto& file : files)
    check_words(file, what);
}

void check_functions(const jit::CompilationUnit& code, const std::string& what) {
  for (auto* function : code.get_functions()) {
    if (auto* graph_function = jit::tryToGraphFunction(*function))
      check_block(*graph_function->graph()->block(), function->qualname().qualifiedName(), what);
  }
}

} // namespace spade::graph::torchscript
