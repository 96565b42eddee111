// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Archives that are damaged, lie, or hold what cannot be explained.
#include <ATen/ATen.h>
#include <catch2/catch.hpp>

#include <spade/core/error.hpp>
#include <spade/graph/importer.hpp>

#include "graph/exported_network.hpp"
#include "graph/scripted.hpp"

using Catch::Matchers::Contains;
using namespace spade;
using nlohmann::json;
using testing::ExportedNetwork;
using testing::numbers;
using testing::Scratch;
using testing::small_exported;
using testing::value;

namespace {

const at::Tensor& example() {
  static const at::Tensor tensor = numbers({1, 3, 6, 6});
  return tensor;
}

template <class Kind> void refuses(const std::string& archive, const std::string& reason) {
  const Scratch scratch;
  const auto path = scratch.write("network.pt2", archive);
  REQUIRE_THROWS_AS(load_graph(path, example()), Kind);
  REQUIRE_THROWS_WITH(load_graph(path, example()), Contains(reason) && Contains("network.pt2"));
}

/// The small network with something changed.
template <class Kind, class Change> void refuses_changed(const Change& change, const std::string& reason) {
  auto network = small_exported();
  change(network);
  refuses<Kind>(network.archive(), reason);
}

json& node(ExportedNetwork& network, std::size_t index) {
  return network.program["graph_module"]["graph"]["nodes"][index];
}

json& stored(ExportedNetwork& network, const char* name) {
  return network.config["config"][name]["tensor_meta"];
}

/// The small network with one more operator in front of its output.
template <class Kind>
void refuses_operator(const std::string& target, const std::vector<std::pair<std::string, json>>& arguments,
                      const std::string& reason) {
  refuses_changed<Kind>([&](auto& n) { n.node(target, arguments, "extra", "some.module"); }, reason);
}

} // namespace

TEST_CASE("archives without a part of theirs are refused", "[graph][exported]") {
  const auto files = small_exported().files();
  for (std::size_t left_out = 0; left_out < files.size(); ++left_out) {
    auto rest = files;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(left_out));
    const Scratch scratch;
    const auto path = scratch.write("network.pt2", testing::zip(rest));
    INFO(files[left_out].name);
    if (files[left_out].name.ends_with("archive_format") || files[left_out].name.ends_with("byteorder")) {
      CHECK(load_graph(path, example()).layers().size() == 2);
    } else {
      CHECK_THROWS_AS(load_graph(path, example()), FileError);
    }
  }
  refuses<FileError>(testing::zip({files.back()}), "no model");
}

TEST_CASE("a package of compiled code is named as what it is", "[graph][exported]") {
  testing::ZipFile marker;
  marker.name = "package/archive_format";
  marker.content = "pt2";
  refuses<FileError>(testing::zip({marker}), "AOTInductor");
}

TEST_CASE("weights that do not lie where they are said to lie are refused", "[graph][exported]") {
  const auto change = [](const char* member, const json& value, const std::string& reason) {
    refuses_changed<FileError>([&](auto& n) { stored(n, "fc.weight")[member] = value; }, reason);
  };
  const auto extents = [](std::vector<std::int64_t> numbers) {
    auto list = json::array();
    for (const auto number : numbers)
      list.push_back({{"as_int", number}});
    return list;
  };
  constexpr auto huge = std::int64_t{1} << 62;
  change("sizes", extents({4, 6}), "does not lie inside its stored 80 bytes");
  change("sizes", extents({4, -5}), "negative");
  change("sizes", extents({huge, huge}), "64 bits");
  change("strides", extents({huge, 1}), "64 bits");
  change("strides", extents({-5, 1}), "negative");
  change("strides", extents({5}), "a stride for each dimension");
  change("strides", extents({6, 1}), "does not lie inside");
  change("storage_offset", {{"as_int", 1}}, "does not lie inside");
  change("storage_offset", {{"as_int", huge}}, "does not lie inside");
  change("storage_offset", {{"as_int", -1}}, "negative");
  change("sizes", extents(std::vector<std::int64_t>(65, 1)), "a stride for each dimension");
  refuses_changed<FileError>(
      [&](auto& n) {
        stored(n, "fc.weight")["sizes"] = extents({huge >> 10, 5});
        stored(n, "fc.weight")["strides"] = extents({0, 1});
      },
      "repeats its 80 bytes too often");
  refuses_changed<FileError>(
      [](auto& n) {
        stored(n, "fc.weight")["sizes"][0] = {{"as_expr", {{"expr_str", "s0"}}}};
      },
      "symbolic shape");
  refuses_changed<FileError>([](auto& n) { n.weights["weight_3"].resize(79); }, "stored 79 bytes");
  refuses_changed<FileError>(
      [](auto& n) { n.config["config"]["fc.weight"]["path_name"] = "../../etc/passwd"; }, "is missing");
  refuses_changed<FileError>([](auto& n) { n.config["config"].erase("fc.weight"); },
                             "\"fc.weight\" is missing");
  refuses_changed<UnsupportedOperator>([](auto& n) { n.config["config"]["fc.weight"]["use_pickle"] = true; },
                                       "pickled object");
}

TEST_CASE("a graph that says other shapes than its weights have is refused", "[graph][exported]") {
  refuses_changed<FileError>(
      [](auto& n) {
        n.program["graph_module"]["graph"]["tensor_values"]["p_fc.weight"]["sizes"][0]["as_int"] = 5;
      },
      "the archive says [5, 5]");
  refuses_changed<UnsupportedOperator>(
      [](auto& n) {
        auto& known = n.program["graph_module"]["graph"]["tensor_values"];
        known["fc"] = known["p_fc.weight"];
      },
      "and the archive says [4, 5]");
}

TEST_CASE("weights that are no numbers are refused by name", "[graph][exported]") {
  auto network = small_exported();
  network.weights["weight_3"].replace(0, 4, "\xff\xff\xff\x7f");
  refuses<NumericalError>(network.archive(), "\"fc.weight\"");
}

TEST_CASE("types of tensors that are not read are refused", "[graph][exported]") {
  refuses_changed<UnsupportedOperator>(
      [](auto& n) { n.program["graph_module"]["graph"]["tensor_values"]["x"]["dtype"] = 10; }, "complex");
  refuses_changed<UnsupportedOperator>([](auto& n) { stored(n, "fc.weight")["layout"] = 1; }, "sparse");
}

TEST_CASE("operators that cannot be run are refused by name", "[graph][exported]") {
  using Unsupported = UnsupportedOperator;
  const std::pair<std::string, json> self{"self", value("fc")};
  refuses_operator<Unsupported>("torch.ops.aten.no_such_thing.default", {self}, "aten::no_such_thing");
  refuses_operator<Unsupported>("torch.ops.aten.relu.no_such_overload", {self},
                                "aten::relu.no_such_overload");
  refuses_operator<Unsupported>("torch.ops.mylib.op.default", {self}, "load the library that defines it");
  refuses_operator<Unsupported>("builtins.print", {self}, "builtins.print");
  refuses_operator<Unsupported>("torch.ops.higher_order.cond", {self},
                                "torch.ops.higher_order.cond in module some.module");
  refuses_operator<Unsupported>("torch.ops.aten.from_file.default",
                                {{"filename", {{"as_string", "/etc/passwd"}}}},
                                "opens a file, and may create it");
  refuses_operator<Unsupported>("torch.ops.aten.relu.default",
                                {{"self", {{"as_custom_obj", {{"name", "o"}}}}}}, "as_custom_obj");
  refuses_operator<Unsupported>("torch.ops.aten.relu.default", {self, {"inplace", {{"as_bool", true}}}},
                                "an argument \"inplace\"");
  refuses_operator<Unsupported>("torch.ops.aten.relu.out", {self, {"out", value("fc")}},
                                "writes to its argument \"out\"");
  refuses_operator<FileError>("torch.ops.aten.add.Tensor", {self}, "lacks its argument \"other\"");
  refuses_operator<FileError>("torch.ops.aten.relu.default", {self, self}, "two arguments \"self\"");
  refuses_operator<FileError>("torch.ops.aten.relu.default", {{"self", testing::values({"fc"})}},
                              "is a list");
  refuses_operator<FileError>("torch.ops.aten.relu.default", {{"self", value("nowhere")}},
                              "reads \"nowhere\"");
  refuses_operator<FileError>("torch.ops.aten.chunk.default", {self, {"chunks", {{"as_int", 2}}}},
                              "is a list of tensors");
}

TEST_CASE("networks in training mode are refused", "[graph][exported]") {
  refuses_changed<UnsupportedOperator>(
      [](auto& n) {
        node(n, 1)["inputs"][5]["arg"] = {{"as_bool", true}};
      },
      "call model.eval()");
  refuses_operator<UnsupportedOperator>(
      "torch.ops.aten.dropout.default",
      {{"input", value("fc")}, {"p", {{"as_float", 0.5}}}, {"train", {{"as_bool", true}}}}, "it is random");
}

TEST_CASE("writes to what belongs to the network are refused by name", "[graph][exported]") {
  refuses_operator<UnsupportedOperator>("torch.ops.aten.add_.Tensor",
                                        {{"self", value("p_bn.running_mean")}, {"other", {{"as_int", 1}}}},
                                        "writes to \"bn.running_mean\"");
  refuses_changed<UnsupportedOperator>(
      [](auto& n) {
        const json mutation{
            {"buffer_mutation", {{"arg", {{"name", "fc"}}}, {"buffer_name", "bn.running_mean"}}}};
        auto& specs = n.program["graph_module"]["signature"]["output_specs"];
        specs.insert(specs.begin(), mutation);
      },
      "buffer_mutation of \"bn.running_mean\"");
}

TEST_CASE("a write that cannot be made functional says what to do", "[graph][exported]") {
  refuses_changed<UnsupportedOperator>(
      [](auto& n) {
        auto& specs = n.program["graph_module"]["signature"]["output_specs"];
        specs = json::array();
        n.node("torch.ops.aten.clone.default", {{"self", value("fc")}}, "copy")
            .node("torch.ops.aten.diagonal.default", {{"self", value("copy")}}, "diagonal")
            .node("torch.ops.aten.zero_.default", {{"self", value("diagonal")}}, "zeroed")
            .node("torch.ops.aten.relu.default", {{"self", value("copy")}}, "last")
            .output("last");
      },
      "run_decompositions({})");
}

TEST_CASE("inputs and outputs that are not one tensor are refused", "[graph][exported]") {
  const auto specs = [](ExportedNetwork& n, const char* which) -> json& {
    return n.program["graph_module"]["signature"][which];
  };
  refuses_changed<UnsupportedOperator>(
      [&](auto& n) {
        specs(n, "input_specs").push_back({{"user_input", {{"arg", value("second")}}}});
      },
      "\"x\" and \"second\"");
  refuses_changed<UnsupportedOperator>([&](auto& n) { specs(n, "input_specs").erase(0); }, "takes no input");
  refuses_changed<UnsupportedOperator>(
      [&](auto& n) {
        specs(n, "input_specs").push_back({{"token", {{"arg", {{"name", "t"}}}}}});
      },
      "\"token\"");
  refuses_changed<UnsupportedOperator>([&](auto& n) { specs(n, "output_specs") = json::array(); },
                                       "gives no tensor");
  refuses_changed<UnsupportedOperator>(
      [&](auto& n) { specs(n, "output_specs")[0]["user_output"]["arg"] = value("p_fc.weight"); },
      "does not depend on its input");
}

TEST_CASE("other versions and byte orders are refused by what they are", "[graph][exported]") {
  refuses_changed<UnsupportedOperator>([](auto& n) { n.program["schema_version"]["major"] = 9; },
                                       "schema version 9.20");
  auto files = small_exported().files();
  for (auto& file : files) {
    if (file.name.ends_with("byteorder")) file.content = "big";
  }
  refuses<FileError>(testing::zip(files), "byte order \"big\"");
}

TEST_CASE("JSON that is none, or nests without end, is refused", "[graph][exported]") {
  const auto with_graph = [](const std::string& text) {
    auto files = small_exported().files();
    for (auto& file : files) {
      if (file.name.ends_with("model.json")) file.content = text;
    }
    return testing::zip(files);
  };
  refuses<FileError>(with_graph(""), "is no JSON");
  refuses<FileError>(with_graph("{\"graph_module\": "), "is no JSON");
  refuses<FileError>(with_graph(std::string(100'000, '[')), "nests brackets over 100 deep");
  refuses<FileError>(with_graph("[]"), "is no object");
}

namespace {

/// Calls visit(value) for every value of a document, which it may change.
template <class Visit> void for_each_value(json& document, const Visit& visit) {
  visit(document);
  if (document.is_structured()) {
    for (auto& element : document)
      for_each_value(element, visit);
  }
}

} // namespace

TEST_CASE("a document with anything else in any place is refused or harmless", "[graph][exported]") {
  const Scratch scratch;
  const std::vector<json> strangers{nullptr,       "word",        -1, std::int64_t{1} << 62, 1e300, true,
                                    json::array(), json::object()};
  int refused = 0;
  const auto damage = [&](json ExportedNetwork::*document) {
    std::size_t count = 0;
    auto whole = small_exported();
    for_each_value(whole.*document, [&](json&) { ++count; });
    for (std::size_t place = 0; place < count; ++place) {
      auto network = small_exported();
      std::size_t at = 0;
      for_each_value(network.*document, [&](json& value) {
        if (at++ == place) value = strangers[place % strangers.size()];
      });
      try {
        (void)load_graph(scratch.write("network.pt2", network.archive()), example());
      } catch (const Error&) {
        ++refused; // anything else ends the test
      }
    }
  };
  damage(&ExportedNetwork::program);
  damage(&ExportedNetwork::config);
  CHECK(refused > 300);
}

TEST_CASE("a document that lacks any member is refused or harmless", "[graph][exported]") {
  const Scratch scratch;
  std::size_t removed = 0;
  std::size_t refused = 0;
  for (bool more = true; more;) {
    auto network = small_exported();
    std::size_t at = 0;
    more = false;
    const std::function<void(json&)> remove = [&](json& value) {
      for (auto item = value.begin(); value.is_structured() && item != value.end(); ++item) {
        if (at++ == removed) {
          value.erase(item);
          more = true;
          return;
        }
        remove(*item);
        if (more) return;
      }
    };
    remove(network.program);
    if (!more) break;
    ++removed;
    try {
      (void)load_graph(scratch.write("network.pt2", network.archive()), example());
    } catch (const Error&) {
      ++refused;
    }
  }
  CHECK(removed > 300);
  CHECK(refused > removed / 2);
}

TEST_CASE("garbage inside an archive is an exception or harmless", "[graph][exported]") {
  const Scratch scratch;
  const auto whole = small_exported().archive();
  int refused = 0;
  for (std::size_t at = 0; at < whole.size(); at += 31) {
    auto damaged = whole;
    for (std::size_t i = at; i < std::min(at + 3, damaged.size()); ++i)
      damaged[i] = static_cast<char>(damaged[i] ^ 0xa5);
    try {
      (void)load_graph(scratch.write("network.pt2", damaged), example());
    } catch (const Error&) {
      ++refused;
    }
  }
  CHECK(refused > 50);
}
