// SPDX-FileCopyrightText: 2026 The spade authors
// SPDX-License-Identifier: Apache-2.0
// Whole sparse traces on a stored batch of augmented copies, against the published fast solver layer by
// layer.
#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include <ATen/ATen.h>

#include <spade/core/error.hpp>
#include <spade/graph/importer.hpp>
#include <spade/interpreters/saliency.hpp>
#include <spade/pruners/fast.hpp>
#include <spade/sample.hpp>
#include <spade/sparse_trace.hpp>

#include "parity/families.hpp"

namespace spade::parity {
namespace {

/// Deals out the rows of a tensor: copy k is row k.
struct StoredBatch {
  at::Tensor batch;

  [[nodiscard]] at::Tensor operator()(const Sample&, std::int64_t count, Rng& rng) const {
    const auto first = static_cast<std::int64_t>(rng.position());
    for (std::int64_t k = 0; k < count; ++k)
      (void)rng.next();
    return batch.narrow(0, first, count);
  }
  [[nodiscard]] std::string name() const { return "stored batch"; }
};

/// Fast with the published count of samples: a linear layer's two-dimensional batch counts as one. The scale
/// of H matters only where a dead column gets its diagonal element of 1.
struct PublishedFast {
  pruners::Fast fast;
  std::set<std::string> linear;
  double copies_per_batch = 1;

  [[nodiscard]] Statistics statistics() const { return fast.statistics(); }
  [[nodiscard]] std::string name() const { return fast.name(); }
  [[nodiscard]] LayerSolution prune(LayerProblem problem, double sparsity) const {
    if (linear.contains(problem.name)) {
      auto values = problem.gram.to_vector<double>();
      for (double& value : values)
        value *= copies_per_batch;
      problem.gram = TensorView::owning(std::move(values), problem.gram.extents());
    }
    return fast.prune(problem, sparsity);
  }
};

at::Tensor rows_of(const TensorView& weight) {
  auto values = weight.to_vector<float>();
  return at::from_blob(values.data(), {weight.extent(0) * weight.extent(1), weight.extent(2)}).clone();
}

/// "layer1.0.conv1" -> "w_layer1__0__conv1".
std::string key_of(const std::string& layer) {
  std::string key = "w_";
  for (const char symbol : layer)
    key += symbol == '.' ? std::string("__") : std::string(1, symbol);
  return key;
}

/// Every layer's Gram matrix on the batch, from a forward pass of its own.
std::vector<at::Tensor> gram_matrices(const LayerGraph& graph, const at::Tensor& batch) {
  std::vector<statistics::GramAccumulator> accumulators;
  for (const auto& layer : graph.layers())
    accumulators.emplace_back(layer);
  (void)graph.forward(
      batch, LayerObserver([&](std::size_t i, const TensorView& input) { accumulators[i].add(input); }));
  std::vector<at::Tensor> result;
  for (auto& accumulator : accumulators) {
    auto values = std::move(accumulator).finish().gram[0].to_vector<double>();
    const auto columns =
        static_cast<std::int64_t>(std::llround(std::sqrt(static_cast<double>(values.size()))));
    result.push_back(at::from_blob(values.data(), {columns, columns}, at::kDouble).clone());
  }
  return result;
}

/// Relative, but where the reference is all zero.
double distance(const at::Tensor& ours, const at::Tensor& theirs) {
  return theirs.count_nonzero().item<std::int64_t>() == 0 ? ours.to(at::kDouble).norm().item<double>()
                                                          : relative_l2(ours, theirs);
}

/// ||D X||^2 times 2/n.
double squared_error(const at::Tensor& difference, const at::Tensor& gram) {
  const auto d = difference.to(at::kDouble);
  return (d.matmul(gram) * d).sum().item<double>();
}

Outcome trace_of(const std::filesystem::path& model, const Case& parity_case) {
  const auto& entry = parity_case.entry;
  const auto tensors = read_container(parity_case.folder, entry);
  const auto& batch = tensors.at("batch");
  const Sample sample(tensors.at("sample"));
  const auto graph = load_graph(model.string(), sample.input());

  pruners::Fast::Options options;
  options.reference = true;
  options.damping = entry.at("damp").get<double>();
  auto plan = SparsityPlan::uniform(entry.at("sparsity").get<double>());
  const auto& layers = graph.layers();
  for (const auto& name : entry.at("skipped")) {
    const auto is_skipped = [&](const Layer& layer) { return layer.name == name.get<std::string>(); };
    if (std::ranges::any_of(layers, is_skipped)) plan = plan.dense(name.get<std::string>());
  }
  // "4 of 16": four batches of sixteen copies.
  const auto batches = entry.at("batches").get<std::string>();
  PublishedFast pruner{pruners::Fast(options), {}, std::stod(batches.substr(batches.rfind(' ')))};
  for (const auto& layer : layers) {
    if (layer.window.empty()) pruner.linear.insert(layer.name);
  }
  const SparseTrace spade{pruner,
                          Augmentation<StoredBatch>{{batch}, batch.size(0)},
                          interpreters::Saliency{},
                          plan,
                          {.positions_per_column = 0}};
  const auto explanation = spade(graph, sample, tensors.at("dense").argmax().item<std::int64_t>());

  const auto grams = gram_matrices(graph, batch);
  double worst_agreement = 1;
  double worst_distance = 0;
  double worst_ratio = 0;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const auto found = tensors.find(key_of(layers[i].name));
    if (found == tensors.end()) return failed("no stored weight for layer " + layers[i].name);
    const auto dense = rows_of(layers[i].weight);
    const auto ours = rows_of(explanation.trace.graph().layers()[i].weight);
    const auto theirs = found->second.reshape(dense.sizes());
    const auto agree = ours.ne(0).eq(theirs.ne(0));
    worst_agreement = std::min(worst_agreement, agree.to(at::kDouble).mean().item<double>());
    worst_distance = std::max(worst_distance, distance(ours * agree, theirs * agree));
    const double reference = squared_error(dense - theirs, grams[i]);
    if (reference > 0) worst_ratio = std::max(worst_ratio, squared_error(dense - ours, grams[i]) / reference);
  }
  const auto output = explanation.trace.graph().forward(sample.input());
  const double output_distance = distance(output, tensors.at("sparse"));
  const double saliency_distance = distance(explanation.attribution, tensors.at("saliency"));
  const double dense_distance = relative_l2(graph.forward(sample.input()), tensors.at("dense"));
  const auto detail = message(layers.size(), " layers: kept sets agree in ", 100 * worst_agreement,
                              " % or more, relative L2 up to ", worst_distance, ", layer error up to ",
                              worst_ratio, " of the reference's; outputs within ", output_distance,
                              " (dense ", dense_distance, "), saliency within ", saliency_distance);
  const bool close = worst_agreement >= 0.995 && worst_distance < 1e-3 && worst_ratio <= 1.001 &&
                     output_distance < 1e-2 && dense_distance < 1e-5 && saliency_distance < 1e-2;
  return close ? passed(detail) : failed(detail);
}

} // namespace

Outcome trace(const Case& parity_case) {
  const auto model = parity_case.entry.at("model").get<std::string>();
  std::string detail;
  for (const std::string form : {"_traced.pt", ".pt2"}) {
    const auto path = parity_case.folder / "models" / (model + form);
    const auto outcome = trace_of(path, parity_case);
    if (outcome.status != Outcome::Status::Passed)
      return failed(message(path.filename().string(), ": ", outcome.detail));
    detail += message(detail.empty() ? "" : "; ", path.filename().string(), ": ", outcome.detail);
  }
  return passed(detail);
}

} // namespace spade::parity
