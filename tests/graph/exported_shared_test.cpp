// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// The archives of the shared folder, where there is one, against what the exported programs gave in Python.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <set>

#include <nlohmann/json.hpp>
#include <torch/script.h>

// After LibTorch, whose logging defines CHECK as well.
#include <catch2/catch.hpp>

#include <spade/augmenters/token_dropout.hpp>
#include <spade/core/error.hpp>
#include <spade/graph/behind_embedding.hpp>
#include <spade/graph/importer.hpp>
#include <spade/interpreters/integrated_gradients.hpp>
#include <spade/pruners/fast.hpp>
#include <spade/sparse_trace.hpp>

#include "graph/exported/binding.hpp"
#include "graph/exported/exported_archive.hpp"
#include "graph/exported/recording.hpp"
#include "graph/scripted.hpp"
#include "graph/zip_writer.hpp"

using Catch::Matchers::Contains;
using namespace spade;

namespace {

/// The file below the shared folder; empty, with a warning, where there is none.
std::string shared(const std::string& name) {
  const char* chosen = std::getenv("SPADE_SHARED_DIR");
  const auto path = std::filesystem::path(chosen != nullptr ? chosen : SPADE_SHARED_DIR) / name;
  if (std::filesystem::exists(path)) return path.string();
  WARN("not checked: " << path << " does not exist; set SPADE_SHARED_DIR");
  return {};
}

/// Whether this LibTorch has the operators of this archive; says so where not. LibTorch 1.13 has no linear
/// maps in half precision on the CPU.
bool computable(const std::string& name) {
  if (name != "edge_half") return true;
  try {
    at::linear(at::ones({1, 1}, at::kHalf), at::ones({1, 1}, at::kHalf));
  } catch (const c10::Error& error) {
    WARN("not checked: " << name << ": " << error.what_without_backtrace());
    return false;
  }
  return true;
}

using Tensors = std::map<std::string, at::Tensor>;

Tensors read_container(const std::string& path) {
  Tensors tensors;
  for (const auto& attribute : torch::jit::load(path).named_attributes(/*recurse=*/false)) {
    if (attribute.value.isTensor()) tensors[attribute.name] = attribute.value.toTensor();
  }
  return tensors;
}

/// Kernels round otherwise on other processors and other versions of LibTorch; where both are those that made
/// the values, the bits are the same.
bool agree(const at::Tensor& ours, const at::Tensor& theirs) {
  return ours.sizes() == theirs.sizes() && ours.scalar_type() == theirs.scalar_type() &&
         at::allclose(ours, theirs, 1e-5, 1e-5, /*equal_nan=*/true);
}

std::vector<std::string> batches_in(const Tensors& io) {
  std::vector<std::string> batches;
  for (const auto* batch : {"b1", "b3"}) {
    if (io.contains(message("x_", batch, "__0"))) batches.emplace_back(batch);
  }
  return batches;
}

/// The archive with its K-th output moved to the front.
std::string with_output_first(const std::string& path, std::size_t k) {
  auto files = testing::unzip(path);
  for (auto& file : files) {
    if (!file.name.ends_with("models/model.json") && file.name != "serialized_exported_program.json")
      continue;
    auto program = nlohmann::json::parse(file.content);
    auto& outputs = program["graph_module"]["signature"]["output_specs"];
    std::swap(outputs[0], outputs[k]);
    file.content = program.dump();
  }
  return testing::zip(files);
}

const std::vector<std::string> readable{"small_260",         "small_280", "small_2130",   "enc_260",
                                        "enc_280",           "enc_2130",  "encoder_dec0", "edge_tel",
                                        "edge_lstm",         "edge_half", "edge_ops",     "edge_shared",
                                        "edge_sharedstrict", "edge_mut",  "edge_mutdec"};

} // namespace

TEST_CASE("exported programs give the outputs that they gave in Python", "[graph][exported][shared]") {
  const auto name = GENERATE(from_range(readable));
  const auto path = shared("pt2/" + name + ".pt2");
  if (path.empty() || !computable(name)) return;
  INFO(name);
  const auto io = read_container(shared("pt2/" + name + ".io.pt"));
  const auto batches = batches_in(io);
  REQUIRE(!batches.empty());
  const auto graph = load_graph(path, io.at("x_" + batches.front() + "__0"));
  for (const auto& batch : batches) {
    for (const bool gradients : {false, true}) {
      const c10::AutoGradMode mode(gradients);
      const auto input = io.at("x_" + batch + "__0").clone();
      const auto expected = io.at(message("out_", batch, gradients ? "_g1__0" : "_g0__0"));
      for (int call = 0; call < 2; ++call)
        CHECK(agree(graph.forward(input), expected));
      CHECK(at::equal(input, io.at("x_" + batch + "__0")));
    }
  }
}

TEST_CASE("every output of an exported program is right, in flat order", "[graph][exported][shared]") {
  const auto name = GENERATE(from_range(readable));
  const auto path = shared("pt2/" + name + ".pt2");
  if (path.empty() || !computable(name)) return;
  const auto io = read_container(shared("pt2/" + name + ".io.pt"));
  const auto archive = graph::exported::read_exported(path);
  const auto instructions = graph::exported::bind(archive.document.nodes);
  std::unordered_map<std::string, c10::IValue> values;
  std::string input_name;
  for (const auto& spec : archive.document.inputs) {
    using Kind = graph::exported::InputSpec::Kind;
    if (spec.kind == Kind::UserInput) {
      input_name = spec.value;
    } else if (spec.kind == Kind::ConstantInput) {
      values[spec.value] = spec.constant.constant;
    } else {
      const auto state = archive.state.find(spec.name);
      values[spec.value] = state != archive.state.end() ? state->second : archive.constants.at(spec.name);
    }
  }
  const graph::exported::Recording recording(archive.document, instructions, values);
  for (const auto& batch : batches_in(io)) {
    const auto outputs = recording.run(input_name, io.at("x_" + batch + "__0"), {});
    for (std::size_t k = 0; k < outputs.size(); ++k) {
      INFO(name << ", output " << k);
      CHECK(agree(outputs[k].toTensor(), io.at(message("out_", batch, "_g0__", k))));
    }
    CHECK(!io.contains(message("out_", batch, "_g0__", outputs.size())));
  }
}

TEST_CASE("each output of a batch can be the one that is explained", "[graph][exported][shared]") {
  const testing::Scratch scratch;
  for (const auto* name : {"edge_ops", "enc_2130", "enc_260", "edge_lstm"}) {
    const auto path = shared(message("pt2/", name, ".pt2"));
    if (path.empty()) return;
    const auto io = read_container(shared(message("pt2/", name, ".io.pt")));
    const auto& input = io.at("x_b3__0");
    std::set<std::size_t> refused;
    std::size_t count = 0;
    for (; io.contains(message("out_b3_g0__", count)); ++count) {
      INFO(name << ", output " << count);
      const auto moved = scratch.write("moved.pt2", with_output_first(path, count));
      try {
        const auto graph = load_graph(moved, input);
        CHECK(agree(graph.forward(input), io.at(message("out_b3_g1__", count))));
      } catch (const UnsupportedOperator& error) {
        CHECK_THAT(error.what(), Contains("first dimension must count the samples") ||
                                     Contains("does not depend on its input"));
        refused.insert(count);
      }
    }
    // No samples in the first dimension: the states of an LSTM, a sum over the batch; a constant.
    const std::map<std::string, std::set<std::size_t>> none{
        {"edge_ops", {6}}, {"enc_2130", {}}, {"enc_260", {}}, {"edge_lstm", {1, 2}}};
    CHECK(refused == none.at(name));
  }
}

TEST_CASE("exported programs that cannot be explained are refused with the reason",
          "[graph][exported][shared]") {
  const auto [name, shape, reason] = GENERATE(table<std::string, std::vector<std::int64_t>, std::string>(
      {{"edge_bneval", {2, 3, 8, 8}, "writes to \"cnt\""},
       {"edge_bndec", {2, 3, 8, 8}, "buffer_mutation of \"cnt\""},
       {"edge_cond", {3, 4}, "torch.ops.higher_order.cond"},
       {"edge_ctx", {3, 4}, "torch.ops.higher_order.wrap_with_set_grad_enabled"},
       {"bad_trunc", {1, 3, 16, 16}, "is cut short"},
       {"bad_short", {1, 3, 16, 16}, "does not lie inside its stored"},
       {"bad_missing", {1, 3, 16, 16}, "is missing"},
       {"bad_deflate", {1, 3, 16, 16}, "is compressed"}}));
  const auto path = shared("pt2/" + name + ".pt2");
  if (path.empty()) return;
  const auto example = at::zeros(shape);
  REQUIRE_THROWS_AS(load_graph(path, example), Error);
  REQUIRE_THROWS_WITH(load_graph(path, example), Contains(reason) && Contains(path));
}

TEST_CASE("one network is the same operators and layers in all three layouts", "[graph][exported][shared]") {
  if (shared("pt2/small_260.pt2").empty()) return;
  for (const auto* version : {"260", "280", "2130"}) {
    const auto graph =
        load_graph(shared(message("pt2/small_", version, ".pt2")), testing::numbers({1, 3, 16, 16}));
    std::vector<std::string> names;
    for (const auto& layer : graph.layers())
      names.push_back(layer.name);
    CHECK(names == std::vector<std::string>{"conv1", "conv2", "fc"});
    CHECK(testing::operators(graph) ==
          std::vector<std::string>{"spade::guard", "aten::conv2d", "aten::batch_norm", "aten::relu",
                                   "aten::conv2d", "aten::add", "aten::relu", "aten::adaptive_avg_pool2d",
                                   "aten::flatten", "aten::linear"});
    CHECK(graph.nodes()[3].module == "relu");
  }
}

TEST_CASE("exported networks are the traced ones: layers, names, values", "[graph][exported][shared]") {
  const auto [exported, traced, shape] = GENERATE(table<std::string, std::string, std::vector<std::int64_t>>(
      {{"parity/models/tiny_resnet.pt2", "parity/models/tiny_resnet_traced.pt", {3, 32, 32}},
       {"parity/models/vgg.pt2", "parity/models/vgg_traced.pt", {3, 32, 32}},
       {"parity/models/mobile.pt2", "parity/models/mobile_traced.pt", {3, 32, 32}},
       {"parity/models/convnext.pt2", "parity/models/convnext_traced.pt", {3, 32, 32}},
       {"parity/models/vit.pt2", "parity/models/vit_traced.pt", {3, 32, 32}},
       {"parity/models/mlp.pt2", "parity/models/mlp_traced.pt", {20}},
       {"kit/resnet18_trojan.pt2", "kit/resnet18_trojan.pt", {3, 64, 64}},
       {"kit/mobilenet/mobilenet_trojan.pt2", "kit/mobilenet/mobilenet_trojan.pt", {3, 64, 64}}}));
  if (shared(exported).empty() || shared(traced).empty()) return;
  INFO(exported);
  auto batch = shape;
  batch.insert(batch.begin(), 3);
  const auto input = testing::numbers(batch, 2);
  const auto ours = load_graph(shared(exported), input.narrow(0, 0, 1));
  const auto theirs = load_graph(shared(traced), input.narrow(0, 0, 1));
  for (const bool gradients : {false, true}) {
    const c10::AutoGradMode mode(gradients);
    for (const auto& samples : {input.narrow(0, 0, 1), input})
      CHECK(at::equal(ours.forward(samples), theirs.forward(samples)));
  }
  REQUIRE(ours.layers().size() == theirs.layers().size());
  for (std::size_t i = 0; i < ours.layers().size(); ++i) {
    const auto& a = ours.layers()[i];
    const auto& b = theirs.layers()[i];
    CHECK(a.name == b.name);
    CHECK(a.uses == b.uses);
    CHECK(a.window.kernel == b.window.kernel);
    CHECK(a.window.stride == b.window.stride);
    CHECK(a.weight.to_vector<float>() == b.weight.to_vector<float>());
    const auto use = [&](const LayerGraph& graph) {
      return graph.nodes()[graph.program().layer_uses[i].node];
    };
    CHECK(use(ours).module == use(theirs).module);
    CHECK(use(ours).kind == use(theirs).kind);
  }
}

TEST_CASE("recurrent layers run and are listed as not prunable", "[graph][exported][shared]") {
  const auto path = shared("pt2/edge_lstm.pt2");
  if (path.empty()) return;
  const auto graph = load_graph(path, testing::numbers({2, 6, 4}));
  std::set<std::string> names;
  for (const auto& layer : graph.unsupported_layers()) {
    CHECK_THAT(layer.reason, Contains("recurrent"));
    names.insert(layer.name);
  }
  CHECK(names == std::set<std::string>{"l.weight_ih_l0", "l.weight_hh_l0", "g.weight_ih_l0", "g.weight_hh_l0",
                                       "g.weight_ih_l0_reverse", "g.weight_hh_l0_reverse"});
  REQUIRE_THROWS_WITH(graph.layer_index("l.weight_ih_l0"), Contains("recurrent layers are not pruned"));
}

TEST_CASE("a network on tokens has prunable layers behind its embedding", "[graph][exported][shared]") {
  const auto path = shared("pt2/enc_2130.pt2");
  if (path.empty()) return;
  const auto io = read_container(shared("pt2/enc_2130.io.pt"));
  const auto graph = load_graph(path, io.at("x_b1__0"));
  std::vector<std::string> names;
  for (const auto& layer : graph.layers())
    names.push_back(layer.name);
  CHECK(std::ranges::count(names, "layers.0.self_attn.in_proj_weight") == 1);
  CHECK(std::ranges::count(names, "layers.1.linear2") == 1);
  std::size_t seen = 0;
  const LayerObserver observer([&](std::size_t, const TensorView&) { ++seen; });
  CHECK(at::equal(graph.forward(io.at("x_b3__0"), observer), graph.forward(io.at("x_b3__0"))));
  std::size_t uses = 0;
  for (const auto& layer : graph.layers())
    uses += static_cast<std::size_t>(layer.uses);
  CHECK(seen == uses);
  CHECK(uses > 5);
}

TEST_CASE("an exported network on tokens is the same behind its embedding",
          "[graph][exported][shared][tokens]") {
  const auto* name = GENERATE("enc_260", "enc_280", "enc_2130", "encoder_dec0");
  const auto path = shared(message("pt2/", name, ".pt2"));
  if (path.empty()) return;
  INFO(name);
  const auto io = read_container(shared(message("pt2/", name, ".io.pt")));
  const auto network = load_graph(path, io.at("x_b1__0"));
  const auto graph = behind_embedding(network, io.at("x_b1__0")).graph;
  for (const bool gradients : {false, true}) {
    const c10::AutoGradMode mode(gradients);
    for (const auto* batch : {"x_b1__0", "x_b3__0"}) {
      const auto embeddings = behind_embedding(network, io.at(batch)).embeddings;
      CHECK(at::equal(graph.forward(embeddings), network.forward(io.at(batch))));
    }
  }
  REQUIRE(graph.layers().size() == network.layers().size());
  for (std::size_t i = 0; i < graph.layers().size(); ++i)
    CHECK(graph.layers()[i].name == network.layers()[i].name);
  // The archive says how many tokens it takes; that is checked of the embeddings as well.
  const auto longer = at::zeros({1, 17, graph.program().example_shape.back()});
  CHECK_THROWS_AS(graph.forward(longer), ShapeMismatch);
  CHECK_THROWS_WITH(graph.forward(longer), Contains("[1, 17]") && Contains("exported for"));
}

TEST_CASE("a decision of an exported network on tokens is explained", "[graph][exported][shared][tokens]") {
  const auto path = shared("pt2/enc_2130.pt2");
  if (path.empty()) return;
  const auto io = read_container(shared("pt2/enc_2130.io.pt"));
  const auto [graph, embeddings] = behind_embedding(load_graph(path, io.at("x_b1__0")), io.at("x_b1__0"));
  const interpreters::IntegratedGradients interpreter({.steps = 200});
  const SparseTrace trace{pruners::Fast{}, Augmentation{augmenters::TokenDropout{}, 64, 7}, interpreter,
                          SparsityPlan::uniform(0.5)};
  const auto explanation = trace(graph, Sample(embeddings), 1);
  CHECK(explanation.attribution.sizes() == embeddings.sizes());
  CHECK(explanation.trace.layers.size() == graph.layers().size());
  CHECK(explanation.trace.fidelity.relative_error > 0);
  CHECK(explanation.trace.fidelity.relative_error < 0.5);
  const auto gap =
      interpreter.completeness_gap(explanation.trace.graph(), embeddings, 1, explanation.attribution);
  // Its largest value over the positions has kinks, on which a quadrature errs.
  CHECK(gap.abs().item<double>() < 0.1 * std::abs(explanation.attribution.sum().item<double>()));
}
