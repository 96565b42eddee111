// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// A TorchScript archive is a program: what it must not contain, before LibTorch runs any of it.
#pragma once

#include <string>
#include <vector>

namespace torch::jit {
struct CompilationUnit;
}

namespace spade::graph::torchscript {

/// A file of an archive's program.
struct CodeFile {
  std::string name; ///< "code/__torch__.py"
  std::string text;
};

/// The program of an archive. @throws FileError where it is of a form that is older than what is read here
[[nodiscard]] std::vector<CodeFile> read_code(const std::string& path);

/// Brackets, expressions, blocks, empty lines and ways out of a function must be few enough that TorchScript's
/// lexer, parser and compiler, which call themselves for each, do not use up the stack.
/// @param file  of the program, or another text that LibTorch parses
/// @param what  the archive in messages: "model file \"m.pt\""
/// @throws FileError where brackets or blocks are over 500 deep, an expression has over 1000 words, a function
/// over 500 ways out, or over 500 lines without code follow each other
void check_nesting(const CodeFile& file, const std::string& what);

/// Checks a program before it is loaded: the nesting of each file, and what it would run at once.
///
/// LibTorch runs methods called __setstate__ while it loads. A program that has one must not name,
/// as a word or as a text, an operator with an effect outside (outside_effect.hpp), in any of its files. The
/// words are those of LibTorch's own lexer, so that the check reads what the parser will.
/// @throws FileError as check_nesting does
/// @throws UnsupportedOperator on such a name
void check_code(const std::vector<CodeFile>& files, const std::string& what);

/// Checks the compiled functions of a program that is loaded and not run yet: none may have an operator that
/// reaches the machine, whether the example leads there or not.
/// @throws UnsupportedOperator
void check_functions(const torch::jit::CompilationUnit& code, const std::string& what);

} // namespace spade::graph::torchscript
