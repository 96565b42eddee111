// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// The lowered networks against the source's own forward pass, bit for bit, and against the stored outputs.
#include <torch/script.h>

#include <torch/csrc/autograd/autograd.h>

#include <spade/core/error.hpp>
#include <spade/graph/importer.hpp>
#include <spade/graph/tape.hpp>

#include "parity/forward.hpp"

namespace spade::parity {
namespace {

at::Tensor edited(const at::Tensor& weight) {
  // Every third weight, whatever the layer's kind.
  const auto keep = at::arange(weight.numel(), at::kLong).remainder(3).ne(0).reshape(weight.sizes());
  return weight.detach() * keep;
}

std::string differs(const char* what, const at::Tensor& input, bool gradients, const at::Tensor& a,
                    const at::Tensor& b) {
  return message(what, " differs for batch ", input.size(0), gradients ? " with" : " without",
                 " gradients by ", (a - b).abs().max().item<double>());
}

} // namespace

bool calls_fused_attention(const torch::jit::Module& module) {
  const auto code = module.dump_to_str(/*print_method_bodies=*/true, /*print_attr_values=*/false,
                                       /*print_param_values=*/false);
  return code.find("_native_multi_head_attention") != std::string::npos ||
         code.find("_transformer_encoder_layer_fwd") != std::string::npos;
}

std::string compare_with_source(const LayerGraph& graph, torch::jit::Module source, const at::Tensor& batch,
                                bool fused) {
  source.eval();
  auto clone = source.clone();
  std::vector<LayerWeight> weights;
  for (std::size_t i = 0; i < graph.layers().size(); ++i) {
    const auto id = graph.program().layer_parameters[i];
    for (const auto& parameter : clone.named_parameters()) {
      if (parameter.name != graph.program().parameters[id].name) continue;
      c10::AutoGradMode no_gradients(false);
      const auto changed = edited(parameter.value);
      parameter.value.copy_(changed);
      const auto extents = graph.layers()[i].weight.extents();
      weights.push_back(
          {i, LayerGraph::view(changed.reshape(at::IntArrayRef(extents.data(), extents.size())))});
    }
  }
  if (weights.size() != graph.layers().size()) return "a layer's parameter is none of the module's";
  const auto sparse = graph.with_weights(weights);
  for (const bool gradients : {false, true}) {
    const c10::AutoGradMode mode(gradients);
    const auto agree = [fused, gradients](const at::Tensor& expected, const at::Tensor& output) {
      return at::equal(expected, output) || (fused && !gradients && expected.sizes() == output.sizes() &&
                                             relative_l2(output, expected) < 1e-5);
    };
    for (const auto& input : {batch.narrow(0, 0, 1), batch}) {
      for (int call = 0; call < 3; ++call) { // the third is the profiling executor's optimised one
        const auto expected = source.forward({input}).toTensor();
        const auto output = graph.forward(input);
        if (!agree(expected, output)) return differs("the output", input, gradients, expected, output);
        const auto expected_sparse = clone.forward({input}).toTensor();
        const auto output_sparse = sparse.forward(input);
        if (!agree(expected_sparse, output_sparse)) {
          return differs("the output with other weights", input, gradients, expected_sparse, output_sparse);
        }
        if (at::equal(output, output_sparse)) return "other weights change nothing";
      }
    }
  }
  return {};
}

std::string compare_gradients(const LayerGraph& graph, const at::Tensor& batch) {
  for (const auto& samples : {batch.narrow(0, 0, 1), batch}) {
    const auto input = samples.clone().set_requires_grad(true);
    const auto output = graph.forward(input);
    graph::Tape tape(graph);
    const auto recorded = tape.forward(samples);
    if (!at::equal(recorded, output)) return differs("the tape's output", samples, true, output, recorded);
    for (const std::int64_t shift : {0, 1}) { // several reverse passes through one forward pass
      const auto seed = at::arange(output.numel(), output.options().requires_grad(false))
                            .sub(shift)
                            .reshape(output.sizes());
      const auto expected = torch::autograd::grad({output}, {input}, {seed}, /*retain_graph=*/true).front();
      const auto gradient = tape.backward(seed);
      if (!at::equal(gradient, expected))
        return differs("the tape's gradient", samples, true, expected, gradient);
      if (!gradient.any().item<bool>()) return "the gradient vanishes";
    }
  }
  return {};
}

Outcome forward(const Case& parity_case) {
  const auto tensors = read_container(parity_case.folder, parity_case.entry);
  const auto model = parity_case.entry.at("model").get<std::string>();
  double worst = 0;
  std::string detail;
  for (const std::string form : {"_traced.pt", "_scripted.pt", ".pt2"}) {
    const auto path = parity_case.folder / "models" / (model + form);
    // An exported network is the traced one, in another format.
    const auto source = form == ".pt2" ? parity_case.folder / "models" / (model + "_traced.pt") : path;
    const auto graph = load_graph(path.string(), tensors.at("x").narrow(0, 0, 1));
    worst = std::max(worst, relative_l2(graph.forward(tensors.at("x")), tensors.at("y")));
    for (const auto& difference :
         {compare_with_source(graph, torch::jit::load(source.string()), tensors.at("x")),
          compare_gradients(graph, tensors.at("x"))}) {
      if (!difference.empty()) return failed(message(model, form, ": ", difference));
    }
    detail += message(model, form, " ");
  }
  detail += message("bit-equal to their source, relative error ", worst);
  return worst < 1e-5 ? passed(detail) : failed(detail);
}

} // namespace spade::parity
