// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "code_check.hpp"

#include <algorithm>
#include <cctype>
#include <memory>
#include <utility>

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

/// LibTorch's lexer calls itself for each line without code in a row, its parser for each part of an expression
/// or block within another, and its compiler once more for each way out of a function. Counted here is what
/// makes them call themselves; networks have some ten of each.
class Nesting {
public:
  Nesting(const CodeFile& file, const std::string& what) : file_(file), what_(what) {}

  void check() {
    check_empty_lines();
    jit::Lexer lexer(std::make_shared<jit::Source>(file_.text));
    for (int previous = jit::TK_NEWLINE; lexer.cur().kind != jit::TK_EOF;) {
      const int kind = lexer.next().kind;
      take(kind, previous);
      previous = kind;
    }
  }

private:
  void check_empty_lines() {
    std::size_t in_a_row = 0;
    for (std::size_t at = 0; at < file_.text.size();) {
      const auto first = std::min(file_.text.find_first_not_of(" \t\r\f\v", at), file_.text.size() - 1);
      const char c = file_.text[first];
      in_a_row = c == '\n' || c == '#' || c == '\\' ? in_a_row + 1 : 0;
      bound(in_a_row, 500, "lines without code in a row");
      at = std::min(file_.text.find('\n', first), file_.text.size() - 1) + 1;
    }
  }

  void take(int kind, int previous) {
    const bool begins =
        previous == jit::TK_NEWLINE || previous == jit::TK_INDENT || previous == jit::TK_DEDENT;
    switch (kind) {
    case '(':
    case '[':
    case '{':
      bound(parts_.size(), 500, "brackets within each other");
      word();
      parts_.push_back(0);
      break;
    case ')':
    case ']':
    case '}':
      next_part();
      if (parts_.size() > 1) parts_.pop_back();
      break;
    case ',':
      next_part();
      break;
    case jit::TK_NEWLINE:
      end_statement();
      break;
    case jit::TK_INDENT:
      end_statement();
      alternatives_.push_back(0);
      break;
    case jit::TK_DEDENT:
      end_statement();
      next_if();
      if (alternatives_.size() > 1) alternatives_.pop_back();
      break;
    case jit::TK_DEF:
      exits_ = 0;
      break;
    case jit::TK_RETURN:
    case jit::TK_BREAK:
    case jit::TK_CONTINUE:
    case jit::TK_RAISE:
      bound(++exits_, 500, "ways out of one function");
      break;
    default:
      if (kind == jit::TK_IF && begins) next_if();
      if (kind == jit::TK_ELIF) {
        ++alternatives_.back();
        ++elifs_;
      }
      word();
    }
    bound(alternatives_.size() + elifs_, 500, "blocks within each other");
  }

  void word() {
    ++parts_.back();
    bound(++words_, 1000, "words in one expression");
  }
  void end_statement() {
    parts_ = {0};
    words_ = 0;
  }
  void next_part() { words_ -= std::exchange(parts_.back(), 0); }
  void next_if() { elifs_ -= std::exchange(alternatives_.back(), 0); }

  void bound(std::size_t count, std::size_t most, const char* of) const {
    if (count > most)
      throw FileError(message(what_, ": its code has over ", most, " ", of, " in ", file_.name));
  }

  const CodeFile& file_;
  const std::string& what_;
  std::vector<std::size_t> parts_{0};        // words since the last comma in each open bracket
  std::size_t words_ = 0;                    // their sum
  std::vector<std::size_t> alternatives_{0}; // elifs of the last if in each open block
  std::size_t elifs_ = 0;                    // their sum
  std::size_t exits_ = 0;
};

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

void check_nesting(const CodeFile& file, const std::string& what) {
  Nesting(file, what).check();
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
