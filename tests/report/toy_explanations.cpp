// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
#include "toy_explanations.hpp"

#include <memory>
#include <utility>

#include <ATen/ATen.h>

#include <spade/core/rng.hpp>
#include <spade/layer_graph.hpp>

namespace spade::testing {

LayerGraph toy_graph(std::int64_t layers) {
  auto program = std::make_shared<graph::Program>();
  for (std::int64_t i = 0; i < layers; ++i) {
    const auto name = "layer" + std::to_string(i);
    const auto weight = toy_values({1, 4, 9 * (i + 1)}, static_cast<std::uint64_t>(100 + i)).to(at::kFloat);
    program->parameters.push_back({name + ".weight", weight});
    program->layers.push_back({name, LayerGraph::view(weight), {}, 1});
    program->layer_parameters.push_back(static_cast<graph::ParameterId>(i));
  }
  program->slot_count = 1;
  program->source = "toy";
  return LayerGraph(std::move(program));
}

at::Tensor toy_values(std::vector<std::int64_t> shape, std::uint64_t seed) {
  auto values = at::empty(shape, at::kDouble);
  RandomStream stream(seed, 0);
  for (std::int64_t i = 0; i < values.numel(); ++i)
    values.data_ptr<double>()[i] = stream.uniform();
  return values;
}

at::Tensor toy_mask(std::int64_t size, std::int64_t at, std::int64_t edge) {
  auto mask = at::zeros({size, size}, at::kBool);
  mask.slice(0, at, at + edge).slice(1, at, at + edge).fill_(true);
  return mask;
}

Explanation toy_explanation(const Toy& toy) {
  const auto mask = toy_mask(toy.size, toy.size / 4, toy.size / 4).to(at::kFloat);
  const auto noise = [&](std::uint64_t stream) {
    return toy_values({1, 3, toy.size, toy.size}, 10 * toy.seed + stream).to(at::kFloat);
  };
  std::vector<LayerReport> layers;
  for (std::int64_t i = 0; i < toy.layers; ++i) {
    LayerReport report;
    report.name = "layer" + std::to_string(i);
    report.sparsity = i == 0 ? 0.0 : 0.5 + 0.4 * static_cast<double>(i) / static_cast<double>(toy.layers);
    if (i > 0) report.relative_error = 0.01 * static_cast<double>(i);
    report.damping = 0.01;
    report.seconds = 0.02 * static_cast<double>(i);
    layers.push_back(report);
  }
  Fidelity fidelity;
  for (std::int64_t i = 0; i < toy.classes; ++i) {
    fidelity.dense.push_back(i == toy.target ? 3.0 : 0.1 * static_cast<double>(i));
    fidelity.trace.push_back(i == (toy.kept ? toy.target : 0)
                                 ? 4.0
                                 : 0.2 * static_cast<double>(i + static_cast<std::int64_t>(toy.seed)));
  }
  fidelity.kl = 0.0123;
  fidelity.relative_error = 0.25;
  fidelity.class_kept = toy.kept;
  Provenance how{SparsityPlan::by_depth({0.5, 0.9}).dense_first(), toy.pruner, "identity", 64, toy.seed};
  how.seconds = 1.5;
  const auto sign = [&](const at::Tensor& map) { return toy.interpreter == "saliency" ? map : map - 0.25; };
  return {sign(noise(2) + 4.0 * mask),
          sign(noise(1) + 0.3 * mask),
          noise(0),
          noise(0)[0],
          toy.target,
          toy.interpreter,
          Trace(toy_graph(toy.layers), layers, fidelity, how),
          0.25,
          0.5};
}

} // namespace spade::testing
