// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Hostile TorchScript: programs that write files, from where the network calls for it or while they are
// loaded.
#include <filesystem>

#include <ATen/ATen.h>
#include <catch2/catch.hpp>

#include <spade/core/error.hpp>
#include <spade/graph/importer.hpp>

#include "graph/outside_effect.hpp"
#include "graph/scripted.hpp"
#include "graph/torchscript/code_check.hpp"
#include "graph/zip_writer.hpp"

using Catch::Matchers::Contains;
using namespace spade;
using graph::torchscript::check_code;
using graph::torchscript::CodeFile;
using testing::numbers;
using testing::Scratch;
using testing::Scripted;

namespace {

Scripted forward(const std::string& statement) {
  return {"def forward(self, x):\n    " + statement + "\n    return torch.relu(x)\n", {}, {}, {}};
}

/// A module that has state of its own and sets it when it is loaded.
Scripted with_state(const std::string& statement) {
  return {"def forward(self, x):\n    return x * self.scale\n"
          "def __getstate__(self) -> Tensor:\n    return self.scale\n"
          "def __setstate__(self, state: Tensor) -> None:\n    " +
              statement + "\n    self.scale = state\n",
          {{"scale", at::ones({1})}},
          {},
          {}};
}

void refuses(const Scratch& scratch, const Scripted& module, const std::string& reason) {
  const auto path = scratch.save(module);
  const auto example = numbers({1, 4});
  REQUIRE_THROWS_AS(load_graph(path, example), UnsupportedOperator);
  REQUIRE_THROWS_WITH(load_graph(path, example), Contains(reason) && Contains(path));
}

void refuses_code(const std::string& statement) {
  INFO(statement);
  const std::vector<CodeFile> files{{"code/a.py", "def __setstate__(self, x):\n  pass\n"},
                                    {"code/b.py", "def f(x):\n  " + statement + "\n"}};
  CHECK_THROWS_AS(check_code(files, "the archive"), UnsupportedOperator);
  CHECK_THROWS_WITH(check_code(files, "the archive"),
                    Contains("the archive") && Contains("code/b.py") && Contains("runs while it is loaded"));
  CHECK_NOTHROW(check_code({files[1]}, "the archive")); // nothing runs before the functions are checked
}

} // namespace

TEST_CASE("a network that writes or opens files is refused and nothing is written", "[graph][outside]") {
  const Scratch scratch;
  const auto target = scratch.path("written");
  refuses(scratch, forward("torch.save(x, \"" + target + "\")"),
          "Network.forward has aten::save, which writes a file");
  refuses(scratch, forward("x = x + torch.from_file(\"" + target + "\", True, 4)"),
          "aten::from_file, which opens a file");
  // The example does not lead there; the batch that load_graph tries next would.
  refuses(scratch, forward("if x.size(0) != 1:\n        torch.save(x, \"" + target + "\")"), "aten::save");
  const auto child = forward("for i in range(x.size(0) - 1):\n        torch.save(x, \"" + target + "\")");
  refuses(scratch, {"def forward(self, x):\n    return self.child.forward(x)\n", {}, {}, {{"child", child}}},
          "Network_child.forward has aten::save");
  CHECK_FALSE(std::filesystem::exists(target));
}

TEST_CASE("a program that would write files while it is loaded is refused before", "[graph][outside]") {
  const Scratch scratch;
  const auto target = scratch.path("written");
  for (const auto& call : {"torch.save(state, \"" + target + "\")",
                           "state = state + torch.from_file(\"" + target + "\", True, 4)"}) {
    const auto hostile = with_state(call);
    refuses(scratch,
            {"def forward(self, x):\n    return self.child.forward(x)\n", {}, {}, {{"child", hostile}}},
            "some of this program runs while it is loaded");
  }
  CHECK_FALSE(std::filesystem::exists(target));
}

TEST_CASE("a program that sets its own state when it is loaded is read", "[graph][outside]") {
  const Scratch scratch;
  const auto path = scratch.save(with_state("pass"));
  const auto graph = load_graph(path, numbers({1, 4}));
  CHECK(at::equal(graph.forward(numbers({3, 4})), numbers({3, 4})));
}

TEST_CASE("every spelling of a name is found before loading", "[graph][outside]") {
  refuses_code("torch.save(x, \"p\")");
  refuses_code("torch . \\\n    save(x, \"p\")");
  refuses_code("(x).save(\"p\")");
  refuses_code("f = torch.save");
  refuses_code("getattr(torch, \"save\")(x, \"p\")");
  refuses_code("getattr(torch, 'save')(x, 'p')");
  refuses_code("getattr(torch, \"\"\"save\"\"\")(x, \"p\")");
  refuses_code("getattr(torch, \"sa\\166e\")(x, \"p\")");
  refuses_code("getattr(torch, \"sa\" 've')(x, \"p\")");
  refuses_code("ops.c10d.barrier(x)");
  refuses_code("print(x)");
  const std::string harmless =
      "def __setstate__(self, x):\n  # save\n  saved = \"save it\"\n  x.resave = saved\n";
  CHECK_NOTHROW(check_code({{"code/a.py", harmless}}, "the archive"));
}

TEST_CASE("a network that changes the program around it is refused by name", "[graph][outside]") {
  const Scratch scratch;
  refuses(scratch, forward("print(\"loud\")"), "prim::Print at the root prints to standard output");
  refuses(scratch, forward("torch.manual_seed(7)"), "aten::manual_seed at the root sets the random numbers");
  refuses(scratch, forward("torch.set_grad_enabled(False)"), "aten::set_grad_enabled");
  // Where the network does not get there, it does no harm.
  const auto quiet = scratch.save(forward("if x.dim() > 7:\n        print(\"loud\")"));
  CHECK(load_graph(quiet, numbers({1, 4})).forward(numbers({2, 4})).size(0) == 2);
}

TEST_CASE("effects are known by operator, namespace and word", "[graph][outside]") {
  REQUIRE(graph::outside_effect("aten::save") != nullptr);
  CHECK(graph::outside_effect("aten::save")->reach == graph::OutsideEffect::Reach::Machine);
  CHECK(graph::outside_effect("c10d::send") != nullptr);
  CHECK(graph::outside_effect("aten::add") == nullptr);
  CHECK(graph::outside_effect("aten::save_all") == nullptr);
  CHECK(graph::outside_effect_named("c10d") == graph::outside_effect("c10d::send"));
  CHECK(graph::outside_effect_named("aten") == nullptr);
  CHECK(graph::outside_effect_named("") == nullptr);
}

TEST_CASE("an archive that points LibTorch to another program is refused", "[graph][outside]") {
  const Scratch scratch;
  std::vector<testing::ZipFile> files;
  for (const auto& [name, content] : {std::pair{"m/constants.pkl", "x"},
                                      {"m/code/a.py", "x"},
                                      {"m/version", "3\n"},
                                      {"m/model.json", "{}"}}) {
    files.emplace_back();
    files.back().name = name;
    files.back().content = content;
  }
  const auto path = scratch.write("old.pt", testing::zip(files));
  REQUIRE_THROWS_AS(load_graph(path, numbers({1, 4})), FileError);
  REQUIRE_THROWS_WITH(load_graph(path, numbers({1, 4})),
                      Contains("PyTorch 1.3 and before") && Contains(path));
}
