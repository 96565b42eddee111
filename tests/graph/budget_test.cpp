// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Networks that would take all time or memory.
#include <cstdint>
#include <fstream>
#include <string>

#include <ATen/ATen.h>
#include <catch2/catch.hpp>

#include <spade/core/error.hpp>

#include "graph/scripted.hpp"
#include "graph/symbolic/budget.hpp"

using Catch::Matchers::Contains;
using namespace spade;
using graph::symbolic::Budget;
using testing::graph_of;
using testing::numbers;
using testing::Scripted;

namespace {

void refuses(const std::string& body, const std::string& reason) {
  const Scripted module{"def forward(self, x):\n" + body + "    return x\n", {}, {}, {}};
  REQUIRE_THROWS_AS(graph_of(module, numbers({1, 4})), UnsupportedOperator);
  REQUIRE_THROWS_WITH(graph_of(module, numbers({1, 4})), Contains(reason));
}

} // namespace

TEST_CASE("a budget counts operators", "[graph][budget]") {
  Budget budget(0, {3, 100, 1});
  for (int i = 0; i < 3; ++i)
    CHECK_NOTHROW(budget.record("aten::add"));
  REQUIRE_THROWS_AS(budget.record("aten::add"), UnsupportedOperator);
  REQUIRE_THROWS_WITH(budget.record("aten::add"), Contains("aten::add comes after 3 operators"));
}

TEST_CASE("a budget counts bytes while they are held", "[graph][budget]") {
  Budget budget(0, {3, 100, 1});
  auto first = budget.hold(60, "aten::add");
  const auto second = budget.hold(40, "aten::add");
  REQUIRE_THROWS_AS(budget.hold(1, "aten::add"), UnsupportedOperator);
  first.reset();
  first = budget.hold(60, "aten::add");
  REQUIRE_THROWS_WITH(budget.hold(~std::size_t{0}, "aten::add"),
                      Contains("the most") && Contains("smaller example"));
  // A larger example allows more.
  CHECK_NOTHROW((void)Budget(200, {3, 100, 1}).hold(200, "aten::add"));
  CHECK_THROWS_AS((void)Budget(200, {3, 100, 1}).hold(201, "aten::add"), UnsupportedOperator);
}

TEST_CASE("a network that loops over tensors is stopped", "[graph][budget]") {
  refuses("    while True:\n        x = x + 1\n", "after 50000 operators on tensors");
}

#ifdef __GLIBC__
TEST_CASE("a network that loops takes little more memory than it holds", "[graph][budget]") {
  // Each value is 48 KiB, all of them are 2.3 GiB.
  const Scripted module{
      "def forward(self, x):\n    while True:\n        x = x + 1\n    return x\n", {}, {}, {}};
  const auto peak = [] { // bytes of the process's memory
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
      std::int64_t kib = 0;
      if (word == "VmHWM:" && status >> kib) return kib << 10;
    }
    return std::int64_t{-1};
  };
  std::ofstream("/proc/self/clear_refs") << 5 << std::flush; // the peak begins anew
  const auto before = peak();
  REQUIRE(before > 0);
  CHECK_THROWS_AS(graph_of(module, numbers({1, 3, 64, 64})), UnsupportedOperator);
  CHECK(peak() - before < std::int64_t{1} << 30);
}
#endif

TEST_CASE("a network that gathers tensors is stopped", "[graph][budget]") {
  refuses("    kept = [x]\n    while True:\n        kept.append(torch.empty([134217728]))\n    x = x + "
          "kept[-1].sum()\n",
          "MiB of values that the network holds for the example; 4096 MiB are the most");
}

TEST_CASE("a network that makes large tensors and lets go of them is not", "[graph][budget]") {
  const Scripted module{
      "def forward(self, x):\n    for i in range(20):\n        x = x + torch.empty([134217728]).numel()\n"
      "    return x\n",
      {},
      {},
      {}};
  CHECK(graph_of(module, numbers({1, 4})).forward(numbers({2, 4})).size(0) == 2);
}

TEST_CASE("lists and texts that double are stopped", "[graph][budget]") {
  refuses("    l = [1.0]\n    for i in range(40):\n        l = l + l\n    x = x + l[0]\n",
          "makes a list of 1048576 elements");
  refuses("    l = [1.0]\n    for i in range(40):\n        l.extend(l)\n    x = x + l[0]\n",
          "makes a list of");
  refuses("    l = \"a\"\n    for i in range(40):\n        l = l + l\n    x = x + len(l)\n",
          "makes a text of 1048576 elements");
  refuses("    l = [1.0, 2.0] * 1000000000\n    x = x + l[0]\n", "repeated 1000000000 times");
}

TEST_CASE("structures that hold themselves or each other without end are stopped", "[graph][budget]") {
  const std::string reason = "holds itself, or over 100 are within each other";
  const std::string list = "    l: List[Any] = [1]\n";
  const std::string read = "    x = x + len(\"{}\".format(l))\n";
  refuses(list + "    l.append(l)\n" + read, reason);
  refuses(list + "    l.insert(0, l)\n" + read, reason);
  refuses(list + "    l[0] = l\n" + read, reason);
  refuses(list + "    m: List[Any] = [l]\n    l.extend(m)\n" + read, reason);
  refuses(list + "    m: List[Any] = [l]\n    l += m\n" + read, reason);
  refuses("    d: Dict[str, Any] = {\"a\": 1}\n    l: List[Any] = [d]\n    d[\"b\"] = l\n" + read, reason);
  refuses(list + "    for i in range(300000):\n        m: List[Any] = [l]\n        l = m\n" + read, reason);
  // From the top: what is around the innermost list grows, and the innermost list does not.
  refuses(list +
              "    m = l\n    for i in range(300000):\n        n: List[Any] = [1]\n        m.append(n)\n"
              "        m = n\n" +
              read,
          reason);
}

TEST_CASE("lists within lists are read", "[graph][budget]") {
  const Scripted module{"def forward(self, x):\n    l: List[Any] = [1]\n    for i in range(90):\n"
                        "        m: List[Any] = [l]\n        l = m\n    n = [[x], [x, x]]\n"
                        "    n.append(n[1])\n    return x + n[2][0]\n",
                        {},
                        {},
                        {}};
  CHECK(at::equal(graph_of(module, numbers({1, 4})).forward(numbers({2, 4})), 2 * numbers({2, 4})));
}

TEST_CASE("structures that double are stopped where they are read", "[graph][budget]") {
  const std::string doubled = "    l: List[Any] = [1]\n    for i in range(40):\n"
                              "        m: List[Any] = [l, l]\n        l = m\n";
  refuses(doubled + "    x = x + len(\"{}\".format(l))\n", "holds over 1000000 values");
  refuses(doubled + "    m: List[Any] = [l]\n    if isinstance(m[0], str):\n        x = x + 1\n",
          "holds over 1000000 values");
  refuses(doubled + "    if x.dim() == 2:\n        return l, x\n    return l, x\n",
          "holds over 1000000 values");
}

TEST_CASE("a view of a view without end is stopped", "[graph][budget]") {
  refuses("    for i in range(150000):\n        x = x.view([-1, 4])\n", "is a view of a view, over 200 deep");
}

TEST_CASE("blocks and calls without end are stopped", "[graph][budget]") {
  std::string body;
  std::string indent = "    ";
  for (int i = 0; i < 410; ++i, indent += " ")
    body += indent + "if x.dim() == 2:\n";
  refuses(body + indent + "x = x + 1\n", "are within each other over 400 deep");
}
