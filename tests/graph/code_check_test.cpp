// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Programs that would use up the stack of TorchScript's lexer, parser or compiler.
#include <string>

#include <catch2/catch.hpp>

#include <spade/core/error.hpp>
#include <spade/graph/importer.hpp>

#include "graph/scripted.hpp"
#include "graph/torchscript/code_check.hpp"
#include "graph/zip_writer.hpp"

using Catch::Matchers::Contains;
using namespace spade;
using graph::torchscript::check_code;
using testing::Scratch;

namespace {

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i)
    all += text;
  return all;
}

std::string returning(const std::string& expression) {
  return "def f(x):\n  return " + expression + "\n";
}

std::string blocks(int deep) {
  std::string text = "def f(x):\n";
  for (int i = 1; i <= deep; ++i)
    text += std::string(static_cast<std::size_t>(i), ' ') + "if x:\n";
  return text + std::string(static_cast<std::size_t>(deep) + 1, ' ') + "pass\n";
}

std::string alternatives(int count) {
  return "def f(x):\n  if x:\n    pass\n" + repeated("  elif x:\n    pass\n", count);
}

void refuses(const std::string& text, const std::string& reason) {
  INFO(text.substr(0, 100));
  CHECK_THROWS_AS(check_code({{"code/a.py", text}}, "the archive"), FileError);
  CHECK_THROWS_WITH(check_code({{"code/a.py", text}}, "the archive"),
                    Contains("the archive: its code has over") && Contains(reason) &&
                        Contains("in code/a.py"));
}

void takes(const std::string& text) {
  INFO(text.substr(0, 100));
  CHECK_NOTHROW(check_code({{"code/a.py", text}}, "the archive"));
}

} // namespace

TEST_CASE("brackets within each other are bounded", "[graph][code]") {
  for (const auto& [open, close] : {std::pair{"(", ")"}, {"[", "]"}, {"f(", ")"}, {"f(x, ", ")"}})
    takes(returning(repeated(open, 400) + "x" + repeated(close, 400)));
  refuses(returning(repeated("(", 501) + "x" + repeated(")", 501)), "500 brackets within each other");
  refuses(returning(repeated("[", 501) + "x" + repeated("]", 501)), "500 brackets within each other");
  refuses(returning(repeated("f(x, ", 501) + "x" + repeated(")", 501)), "1000 words in one expression");
  refuses(returning(repeated("(", 100'000)), "500 brackets within each other"); // never closed
}

TEST_CASE("expressions are bounded", "[graph][code]") {
  for (const std::string part : {"+ x ", ".relu()", "[0]", "if x else x ", "** x ", "and x "}) {
    takes(returning("x " + repeated(part, 200)));
    refuses(returning("x " + repeated(part, 2000)), "1000 words in one expression");
  }
  refuses(returning(repeated("not ", 1001) + "x"), "1000 words in one expression");
  refuses(returning(repeated("f(x" + repeated(" + x", 90) + " + ", 10) + repeated(")", 10)),
          "1000 words in one expression");
  // Long, and nothing within each other.
  takes(returning("[" + repeated("-1.5, ", 100'000) + "0]"));
  takes("def f(x):\n" + repeated("  x = torch.add(x, 1)\n", 10'000));
  takes(returning("\"" + repeated("not (", 5000) + "\""));
}

TEST_CASE("blocks and alternatives within each other are bounded", "[graph][code]") {
  takes(blocks(400));
  refuses(blocks(500), "500 blocks within each other");
  takes(alternatives(400));
  refuses(alternatives(500), "500 blocks within each other");
  takes("def f(x):\n" + repeated("  if x:\n    pass\n  elif x:\n    pass\n", 2000));
}

TEST_CASE("ways out of a function are bounded", "[graph][code]") {
  const std::string out = "  if x:\n    return x\n";
  takes("def f(x):\n" + repeated(out, 500));
  refuses("def f(x):\n" + repeated(out, 501), "500 ways out of one function");
  takes(repeated("def f(x):\n" + out, 501));
}

TEST_CASE("lines without code are bounded", "[graph][code]") {
  for (const std::string line : {"\n", "  # nothing\n", " \\\n", " \t\r\n"}) {
    takes("def f(x):\n" + repeated(line, 400) + "  pass\n");
    refuses("def f(x):\n" + repeated(line, 100'000) + "  pass\n", "500 lines without code in a row");
  }
}

TEST_CASE("the code of an archive is checked before TorchScript parses it", "[graph][code]") {
  const Scratch scratch;
  const auto saved = scratch.save({"def forward(self, x):\n  return x + x\n", {}, {}, {}});
  auto text = graph::torchscript::read_code(saved).at(0).text;
  const std::string expression = "torch.add(x, x)";
  const auto at = text.find(expression);
  REQUIRE(at != std::string::npos);
  text.replace(at, expression.size(), "x" + repeated(" + x", 100'000));
  auto archive = testing::unzip(saved);
  for (auto& file : archive) {
    if (file.name.ends_with("code/__torch__.py")) file.content = text;
  }
  const auto path = scratch.write("deep.pt", testing::zip(archive));
  REQUIRE_THROWS_AS(load_graph(path, testing::numbers({1, 4})), FileError);
  REQUIRE_THROWS_WITH(load_graph(path, testing::numbers({1, 4})),
                      Contains(path) && Contains("words in one expression"));
}
